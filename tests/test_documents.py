"""Inputs: which records of what come out, in which order, and what is refused in which words."""

import gzip
import io
import os
import tracemalloc
import zipfile
from threading import Thread

import pytest

from converter import splitting
from converter.documents import Document, Inputs
from converter.problems import Problem

ONE = b'{"protocolSection":{"identificationModule":{"nctId":"NCT00000001"}}}'
TWO = b'{"protocolSection":{"identificationModule":{"nctId":"NCT00000002"}}}'
OWN = b'{"title":"A","arms":[{"name":"x"}]}'
FHIR = b'{"resourceType":"ResearchStudy","title":"A","progressStatus":[]}'
PAGE = b"A trial\nTrial Information\nx\n\nClinConnect Summary\n"
HTML = b"<!doctype html><html><body><h2>Trial Information</h2>\n<p>x<div><b>ClinConnect<!-- --> Summary</b></div>"
YAML = b"title: A\narms:\n  - name: x\n"
BOM = b"\xef\xbb\xbf"
ALL = "clinconnect_page, meddatax_page, ctgov, r4, r4b, r5, trial"


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return stream.getvalue()


def answer(*studies: bytes, more: bytes = b"") -> bytes:
    return b'{"studies":[' + b",".join(studies) + b"]" + more + b"}"


KINDS = [
    # name of the file, its content, (index, content, format, ndjson) of its records
    ("a.json", ONE, [(0, ONE, "ctgov", False)]),
    ("a.json", BOM + ONE, [(0, ONE, "ctgov", False)]),
    ("a.json", b'{\n  "protocolSection": {}\n}\n', [(0, b'{\n  "protocolSection": {}\n}\n', "ctgov", False)]),
    ("a.json", OWN, [(0, OWN, "trial", False)]),
    ("a.json", FHIR, [(0, FHIR, "r5", False)]),
    ("a.txt", PAGE, [(0, PAGE, "clinconnect_page", False)]),
    ("a.html", HTML, [(0, HTML, "clinconnect_page", False)]),
    ("a.yaml", YAML, [(0, YAML, "trial", False)]),
    ("a.ndjson", ONE, [(0, ONE, "ctgov", True)]),
    ("a.ndjson", BOM + b"\n" + ONE + b"\r\n\n \n" + TWO, [(0, ONE, "ctgov", True), (1, TWO, "ctgov", True)]),
    ("a.ndjson", ONE + b"\n" + BOM + b"\n" + BOM + TWO, [(0, ONE, "ctgov", True), (1, TWO, "ctgov", True)]),
    ("a", ONE[:-9] + b"\n" + BOM + TWO, [(0, ONE[:-9], "ctgov", True), (1, TWO, "ctgov", True)]),
    ("a.ndjson", b'{\n  "protocolSection": {}\n}\n', [(0, b'{\n  "protocolSection": {}\n}\n', "ctgov", False)]),
    ("a.jsonl", b"[\n" + ONE + b",\n" + TWO + b"]", [(0, ONE, "ctgov", False), (1, TWO, "ctgov", False)]),
    ("a", ONE + b"\n" + TWO + b"\n", [(0, ONE, "ctgov", True), (1, TWO, "ctgov", True)]),
    ("a.ndjson", ONE + b"\n" + OWN + b"\n" + FHIR, [(0, ONE, "ctgov", True), (1, OWN, "trial", True), (2, FHIR, "r5", True)]),
    ("a.ndjson.gz", gzip.compress(ONE + b"\n" + TWO), [(0, ONE, "ctgov", True), (1, TWO, "ctgov", True)]),
    ("a.json.gz", gzip.compress(ONE), [(0, ONE, "ctgov", False)]),
    ("a", gzip.compress(ONE), [(0, ONE, "ctgov", False)]),
    ("a.json", b"[" + ONE + b",\n" + TWO + b"]", [(0, ONE, "ctgov", False), (1, TWO, "ctgov", False)]),
    ("a.json", b"[\n" + ONE + b"\n]", [(0, ONE, "ctgov", False)]),
    ("a.json", answer(ONE, TWO), [(0, ONE, "ctgov", False), (1, TWO, "ctgov", False)]),
    ("a.json", b'{"studies":[\n' + ONE + b"\n]}", [(0, ONE, "ctgov", False)]),
]


@pytest.mark.parametrize(("name", "content", "records"), KINDS, ids=[f"{name} {n}" for n, (name, _, _) in enumerate(KINDS)])
def test_a_file_gives_its_records(tmp_path, name, content, records):
    path = tmp_path / name
    path.write_bytes(content)
    assert list(Inputs([path])) == [Document(str(path), index, *rest) for index, *rest in records]
    if (name, content) != ("a.ndjson", ONE):
        assert list(Inputs(["-"], stdin=io.BufferedReader(io.BytesIO(content)))) == [
            Document("-", index, *rest) for index, *rest in records]


NAME_IT = f"name its format (--from): {ALL}"
BREAKS = "expected the rest of the JSON. Fetch or copy it again"
EMPTY = "the document is empty; expected a record. Is the file complete?"
REFUSED = [
    # name, content, (index, message) of the records that cannot be read
    ("a.json", b"", [(0, EMPTY)]),
    ("a.ndjson", b"\n \n", [(0, EMPTY)]),
    ("a.json", b"{}", [(0, f"no format knows an empty object; {NAME_IT}")]),
    ("a.json", b'{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7}', [(0, f"no format knows an object with 'a', 'b', 'c', 'd', 'e', 'f' …; {NAME_IT}")]),
    ("a.json", b'{"a":1', [(0, f"column 7: the document breaks off after '{{\"a\":1'; {BREAKS}")]),
    ("a.txt", b"hello\nworld", [(0, f"no format knows a text that begins with 'hello'; {NAME_IT}")]),
    ("a.txt", b"title: x\nTrial Information\nClinConnect Summary",
     [(0, "a text that begins with 'title: x' may be clinconnect_page or trial; name the one that it is (--from)")]),
    ("a.txt", "é".encode("latin-1"), [(0, "column 1: found the byte 0xE9, which is not UTF-8 (is it Latin-1?); expected UTF-8. "
                                         "Save the document again as UTF-8")]),
    ("a.json", ONE.decode().encode("utf-16"), [(0, "found UTF-16; expected UTF-8. Save the document again as UTF-8")]),
    ("a.json", b"[" * 10_000_000, [(0, "lists or objects stand inside one another hundreds of levels deep; expected a record")]),
    ("a.json", b"[]", [(0, "found an empty list; expected at least one record")]),
    ("a.json", b"[" + ONE + b", 5]", [(1, "found 5; expected one JSON object, a record")]),
    ("a.json", b"[" + ONE + b",", [(0, "column 71: the document breaks off after 'nctId\":\"NCT00000001\"}}},'; " + BREAKS)]),
    ("a.json", b'{"studies":{}}', [(0, "studies: found an empty object; expected a list of studies")]),
    ("a.json", b'{"studies":[]}', [(0, "found an empty list; expected at least one record")]),
    ("a.ndjson", ONE + b"\nhello\n[1,2]\n\n5\n" + TWO, [(1, "found 'hello'; expected one JSON object, a record"),
                                                         (2, "found a list of 2; expected one JSON object, a record"),
                                                         (3, "found 5; expected one JSON object, a record")]),
    ("a", b"hello\n" + ONE, [(0, "found 'hello'; expected one JSON object, a record")]),
    ("a", ONE[:-9] + b"\n" + TWO + b"\n" + ONE, []),
    ("a.gz", gzip.compress(ONE * 10)[:-12], [(0, "cannot be read to its end: Compressed file ended before the end-of-stream "
                                                "marker was reached. Is the file complete?")]),
    ("a.ndjson.gz", gzip.compress(b"\n".join([ONE] * 3))[:-8], [(2, "cannot be read to its end: Compressed file ended before the "
                                                                    "end-of-stream marker was reached. Is the file complete?")]),
    ("a.zip", zipped(a_json=ONE)[:-9], [(0, "cannot be read: File is not a zip file. Is the file complete?")]),
    ("a.json", gzip.compress(gzip.compress(ONE)), [(0, "is compressed twice; expected once. Unpack it once (gunzip)")]),
    ("a.ndjson", b'{\n  "a": 1\n}\n', [(0, f"no format knows an object with 'a'; {NAME_IT}")]),
    ("a.ndjson", b'{\n "a": 1\n}\n{\n "a": 2\n}\n', [(0, "line 4, column 1: found '{\\n \"a\": 2\\n}\\n' after the end of the JSON; expected "
                                                          "nothing more. Several records go into a list, or one to a line (.ndjson)")]),
    ("a.zip", zipped(), [(0, "holds no record that a format knows; expected at least one")]),
]


@pytest.mark.parametrize(("name", "content", "problems"), REFUSED, ids=[f"{name} {n}" for n, (name, _, _) in enumerate(REFUSED)])
def test_a_refusal_says_what_was_seen_and_what_was_expected(tmp_path, name, content, problems):
    (path := tmp_path / name).write_bytes(content)
    found = list(Inputs([path]))
    assert [document.index for document in found] == list(range(len(found)))
    told = [(document.index, "\n".join(map(str, document.problems))) for document in found if document.problems]
    assert told == problems


def placed(folder, files: dict[str, bytes]):
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_bytes(content)


def test_a_folder_is_read_in_name_order_and_tells_what_it_skips(tmp_path):
    placed(tmp_path, {"b/2.json": TWO, "b/1.ndjson": ONE + b"\nnonsense", "a.json": OWN, "c.txt": PAGE, "README.md": b"# x",
                      "b/x.bin": b"\0\1", "d.json": b'{"protocolSection":{', "z.zip": zipped(a_json=ONE, b_md=b"x"), "z.docx": zipped(a_xml=b"<x/>")})
    (tmp_path / "b" / "up").symlink_to(tmp_path)
    inputs = Inputs([tmp_path])
    assert [(document.source.removeprefix(f"{tmp_path}/"), document.index, document.format) for document in inputs] == [
        ("a.json", 0, "trial"), ("b/1.ndjson", 0, "ctgov"), ("b/1.ndjson", 1, ""), ("b/2.json", 0, "ctgov"),
        ("c.txt", 0, "clinconnect_page"), ("d.json", 0, "ctgov"), ("z.zip/a.json", 0, "ctgov"),
    ]
    assert inputs.notices == [f"{tmp_path}/z.zip: skipped 1 file that no format knows: b.md",
                              f"{tmp_path}: skipped 4 files that no format knows: README.md, b/up, b/x.bin, z.docx"]


FOREIGN = b'{"a":1}'
UTF8 = "Save the document again as UTF-8"
IN_FOLDER = [
    # name of the file, its content, the problems of its records: "" of one that is whole; None where the file is passed over
    ("a.ndjson", b"\n".join([FOREIGN] * 12 + [ONE]), [f"no format knows an object with 'a'; {NAME_IT}"] * 12 + [""]),
    ("a.ndjson", b"\n".join([FOREIGN] * 12), None),
    ("a.ndjson.gz", gzip.compress(b"\n".join([FOREIGN] * 12 + [ONE])), [f"no format knows an object with 'a'; {NAME_IT}"] * 12 + [""]),
    ("a.ndjson.gz", gzip.compress(b"\n".join([ONE] * 3))[:-8],
     ["", "", "cannot be read to its end: Compressed file ended before the end-of-stream marker was reached. Is the file complete?"]),
    ("a.json", answer(*[FOREIGN] * 12, ONE, more=b',"totalCount":13'), [f"no format knows an object with 'a'; {NAME_IT}"] * 12 + [""]),
    ("a.json", FOREIGN, None),
    ("a.json", b"[1,2]", None),
    ("a.json", b"[]", None),
    ("a.json", b"", [EMPTY]),
    ("a.ndjson", b"", [EMPTY]),
    ("a.cfg", b"", None),
    (".a.json", b"", None),
    ("._a.json", b"\0\5\x16\7\xe9", None),
    ("a.JSON", b'{"studies":[', [f"column 13: the document breaks off after '{{\"studies\":['; {BREAKS}"]),
    ("a.json", b"[" * 100_000, ["lists or objects stand inside one another hundreds of levels deep; expected a record"]),
    ("a.bin", b"[" * 100_000, None),
    ("a.json", b'{"a":1,', [f"column 8: the document breaks off after '{{\"a\":1,'; {BREAKS}"]),
    ("a.json", ONE.decode().encode("utf-16"), [f"found UTF-16; expected UTF-8. {UTF8}"]),
    ("a.html", HTML.replace(b"x", b"\xe9"), [f"line 2, column 4: found the byte 0xE9, which is not UTF-8 (is it Latin-1?); expected UTF-8. {UTF8}"]),
    ("a.png", b"\x89PNG\r\n", None),
    ("a.txt", b"title: x\nTrial Information\nClinConnect Summary",
     ["a text that begins with 'title: x' may be clinconnect_page or trial; name the one that it is (--from)"]),
    ("a.zip", b"PK\3\4x", ["cannot be read: File is not a zip file. Is the file complete?"]),
    ("a.json", gzip.compress(gzip.compress(ONE)), ["is compressed twice; expected once. Unpack it once (gunzip)"]),
]


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize(("name", "content", "problems"), IN_FOLDER, ids=[f"{name} {n}" for n, (name, _, _) in enumerate(IN_FOLDER)])
def test_a_file_of_a_folder_is_passed_over_only_if_it_is_whole_and_holds_no_record(tmp_path, name, content, problems, packed):
    if packed:
        with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
            archive.writestr(name, content)
            archive.writestr("z.json", ONE)
        if name == "a.zip":
            problems = ["is a zip within a zip; expected records. Unpack it and give the file itself"]
    else:
        placed(tmp_path / "in", {name: content, "z.json": ONE})
    inputs = Inputs([given := tmp_path / ("in.zip" if packed else "in")])
    *found, last = inputs
    assert last.source == f"{given}/z.json"
    assert [(document.source, document.index, "\n".join(map(str, document.problems))) for document in found] == [
        (f"{given}/{name}", index, problem) for index, problem in enumerate(problems or ())]
    passed = [] if problems else [f"{given}: skipped 1 file that no format knows: {name}"]
    beside = [f"{given}/{name}: 13 studies; passed over beside them: totalCount (13)"] if b"totalCount" in content else []
    assert inputs.notices == beside + passed


def test_a_long_file_of_no_records_is_passed_over_in_constant_memory(tmp_path):
    placed(tmp_path, {"a.ndjson": (FOREIGN + b"\n") * 20_000 + ONE})
    tracemalloc.start()
    try:
        first = next(iter(Inputs([tmp_path])))
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()
    assert (first.source, first.index) == (f"{tmp_path}/a.ndjson", 0)


def test_with_from_a_damaged_file_of_a_folder_is_a_failure(tmp_path):
    placed(tmp_path, {"a.json": b'{"studies":[', "b.json": FHIR[:-9], "c.json": ONE})
    inputs = Inputs([tmp_path], "ctgov")
    assert [(document.source.removeprefix(f"{tmp_path}/"), document.format) for document in inputs] == [("a.json", ""), ("c.json", "ctgov")]
    assert inputs.notices == [f"{tmp_path}: skipped 1 file that no format knows: b.json"]


def test_what_the_run_writes_is_none_of_its_inputs(tmp_path):
    placed(tmp_path, {"in/a.json": ONE, "in/all.ndjson": TWO, "in/out/NCT1.json": TWO, "in/.all.ndjson.12.tmp": TWO, "in/outer/b.json": ONE,
                      "in/out/deep/c.json": TWO})
    (tmp_path / "in" / "link.json").symlink_to(tmp_path / "in" / "out" / "NCT1.json")
    folder = f"{tmp_path}/in"
    inputs = Inputs([folder], written=[tmp_path / "in" / ".." / "in" / "all.ndjson", f"{folder}/out/"])
    assert [document.source.removeprefix(folder) for document in inputs] == ["/a.json", "/outer/b.json"]
    assert inputs.notices == [f"{folder}/{name}: passed over as an input; the output or report goes there"
                              for name in (".all.ndjson.12.tmp", "all.ndjson", "link.json", "out")]
    named = Inputs([f"{folder}/out/deep", f"{folder}/out/NCT1.json"], written=[f"{folder}/out"])
    assert [document.source.removeprefix(folder) for document in named] == ["/out/deep/c.json", "/out/NCT1.json"]
    assert named.notices == []


def test_with_from_a_folder_gives_the_files_of_that_format(tmp_path):
    (tmp_path / "a.json").write_bytes(ONE)
    (tmp_path / "b.json").write_bytes(FHIR)
    inputs = Inputs([tmp_path], "r4")
    assert [(document.source, document.format) for document in inputs] == [(f"{tmp_path}/b.json", "r4")]
    assert inputs.notices == [f"{tmp_path}: skipped 1 file that no format knows: a.json"]


def test_a_folder_without_a_record_is_a_failure(tmp_path):
    assert list(Inputs([tmp_path])) == [
        Document(str(tmp_path), 0, b"", problems=(Problem("", "holds no record that a format knows; expected at least one"),))]


def test_a_zip_is_read_in_name_order(tmp_path):
    (path := tmp_path / "a.zip").write_bytes(zipped(b_ndjson=ONE + b"\n" + TWO, README_md=b"x", a__1_json=OWN, c_gz=gzip.compress(ONE)))
    expected = [("a/1.json", 0, "trial"), ("b.ndjson", 0, "ctgov"), ("b.ndjson", 1, "ctgov"), ("c.gz", 0, "ctgov")]
    inputs = Inputs([path])
    assert [(document.source, document.index, document.format) for document in inputs] == [
        (f"{path}/{name}", index, format) for name, index, format in expected]
    assert inputs.notices == [f"{path}: skipped 1 file that no format knows: README.md"]
    unseekable = io.BufferedReader(Unseekable(path.read_bytes()))
    assert [(document.source, document.index, document.format) for document in Inputs(["-"], stdin=unseekable)] == [
        (f"-/{name}", index, format) for name, index, format in expected]


class Unseekable(io.BytesIO):
    def seekable(self):
        return False


BOMB = "expected at most 200 times the size. If it is no trap, unpack it and give the file itself"


def test_a_zip_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    (path := tmp_path / "a.zip").write_bytes(zipped(a_json=b" " * (20 << 20), b_json=ONE))
    bomb, good = Inputs([path])
    size = zipfile.ZipFile(path).getinfo("a.json").compress_size
    assert bomb.problems == (Problem("", f"unpacks from {size} to {20 << 20} bytes; {BOMB}"),)
    assert good.content == ONE
    monkeypatch.setattr("converter.archive.LARGEST", 1 << 20)
    assert next(iter(Inputs([path]))).problems == (
        Problem("", f"unpacks to {20 << 20} bytes; expected at most {1 << 20}. Unpack it and give the file itself"),)


def test_a_damaged_member_of_a_zip_costs_that_member(tmp_path):
    content = bytearray(zipped(a_json=ONE, b_json=TWO))
    content[40] ^= 0xFF
    (path := tmp_path / "a.zip").write_bytes(bytes(content))
    bad, good = Inputs([path])
    assert bad.source == f"{path}/a.json"
    assert str(bad.problems[0]).startswith("cannot be unpacked: ")
    assert good.content == TWO


def test_an_answer_of_the_api_names_what_stands_beside_the_studies(tmp_path):
    (path := tmp_path / "a.json").write_bytes(answer(ONE, more=b',"nextPageToken":"x","totalCount":7'))
    inputs = Inputs([path])
    assert [document.content for document in inputs] == [ONE]
    assert inputs.notices == [f"{path}: 1 studies; passed over beside them: nextPageToken ('x'), totalCount (7). "
                              "There are more pages: this answer is not the whole search"]


def test_several_inputs_come_in_their_order_each_counted_from_0(tmp_path):
    for name, content in {"b.json": ONE, "a.ndjson": ONE + b"\n" + TWO}.items():
        (tmp_path / name).write_bytes(content)
    inputs = Inputs([tmp_path / "b.json", tmp_path / "a.ndjson"])
    assert [(document.source.rsplit("/")[-1], document.index) for document in inputs] == [("b.json", 0), ("a.ndjson", 0), ("a.ndjson", 1)]
    assert inputs.position == inputs.size == 3 * len(ONE) + 1


def test_a_pipe_gives_its_records_and_has_no_position(tmp_path):
    os.mkfifo(path := tmp_path / "pipe")
    for content, expected in ((ONE + b"\n" + TWO, [(0, True), (1, True)]), (ONE, [(0, False)]), (gzip.compress(ONE), [(0, False)])):
        Thread(target=path.write_bytes, args=(content,), daemon=True).start()
        inputs = Inputs([path])
        assert [(document.index, document.ndjson, inputs.position) for document in inputs] == [(*record, 0) for record in expected]


def test_what_cannot_be_opened_is_a_failed_record(tmp_path):
    (document,) = Inputs([tmp_path / "none"])
    assert document.problems == (Problem("", "cannot be opened: No such file or directory"),)


def test_a_line_that_is_too_long_costs_that_line(tmp_path, monkeypatch):
    monkeypatch.setattr(splitting, "LONGEST", 1000)
    (path := tmp_path / "a.ndjson").write_bytes(ONE + b"\n" + b"x" * 2500 + b"\n" + TWO)
    found = list(Inputs([path]))
    assert [document.content for document in found] == [ONE, b"", TWO]
    assert found[1].problems == (Problem("", "the line has more than 256 MiB; expected one record"),)


def test_a_document_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(splitting, "LONGEST", 100)
    monkeypatch.setattr(splitting, "LARGEST", 1000)
    (path := tmp_path / "a.json").write_bytes(b'{"protocolSection":\n{"x":"' + b"x" * 1000 + b'"}}')
    (document,) = Inputs([path])
    assert document.problems == (Problem("", "has more than 1 GiB; expected as much only of NDJSON. "
                                             "Write one record to a line and name it .ndjson"),)


def test_a_name_that_is_no_text_is_shown(tmp_path):
    path = bytes(tmp_path) + b"/\xe9.json"
    with open(path, "wb") as file:  # noqa: PTH123 (a Path holds text)
        file.write(ONE)
    (document,) = Inputs([tmp_path])
    assert document.source == f"{tmp_path}/\\xe9.json"
