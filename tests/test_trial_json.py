"""Our own record as JSON and YAML: every refusal in its words, nothing lost, the schema current."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from ruamel.yaml.composer import Composer

from converter.convert import write
from converter.formats.trial_json import FORMAT, doubtful
from converter.json_text import encode, parse
from converter.problems import Problems
from converter.schema import FILE, schema, text
from converter.trial import Arm, Enrollment, Identifier, Milestone, Part, Position, Site, Trial

YAML = FORMAT.with_options(yaml=True)
EMPTY = "leave it out where there is nothing to say"
TRIAL = Trial(
    source="ctgov", id="NCT00000001", title="no", official_title="Line one\n\n  Line two: with # and 'quotes'\n",
    secondary_ids=(Identifier(value="012"), Identifier(value="1e3", kind="2024-01-01")),
    start=Milestone(date="2024-01-01"), has_dmc=False, enrollment=Enrollment(count=0),
    arms=(Arm(name="A: b", interventions=("Drug: null", "- x")),),
    sites=(Site(city="Zürich", zip="08091", position=Position(latitude=Decimal("47.370"), longitude=Decimal("8.50"))),),
    predicted_bmi_minimum=Decimal("39.90"), criteria="\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16") + "\x85\u2028 \t",
)

REFUSED = [
    (b"{}", 'found an empty object; expected a record with at least one field, such as "title"'),
    (b"[]", "found an empty list; expected an object"),
    (b'"x"', "found 'x'; expected an object"),
    (b'{"title":5}', "title: found 5; expected text. Put it in quotes"),
    (b'{"title":["x"]}', "title: found a list of 1; expected text"),
    (b'{"title":null}', "title: found null; expected text. Leave it out where nothing is known"),
    (b'{"sites":[]}', f"sites: found an empty list; {EMPTY}"),
    (b'{"sites":{"city":"x"}}', "sites: found an object with 'city'; expected a list"),
    (b'{"sites":[{"position":{}}]}', f"sites[0].position: found an empty object; {EMPTY}"),
    (b'{"sites":[{"position":{ \n }}]}', f"sites[0].position: found an empty object; {EMPTY}"),
    (b'{"sites":[{"position":{"latitude": "1.0"}}]}', "sites[0].position.latitude: found '1.0'; expected a number"),
    (rb'{"predicted_bmi_m\u0069nimum":"1"}', "predicted_bmi_minimum: found '1'; expected a number"),
    (b'{"predicted_bmi_minimum":NaN}', "column 26: found NaN, which is no number in JSON; "
                                       "leave the member out where a number is not known"),
    (b'{"enrollment":{"count":1.0}}', "enrollment.count: found 1.0; expected a whole number"),
    (b'{"enrollment":{"count":"1"}}', "enrollment.count: found '1'; expected a whole number"),
    (b'{"has_dmc":"yes"}', "has_dmc: found 'yes'; expected true or false"),
    (b'{"titel":"x"}', "titel: is no field of a Trial; did you mean 'title'?"),
    (b'{"start":{"xx":"x"}}', "start.xx: is no field of a Milestone; its fields are date, kind, not_reported"),
    (b'{"x":1}', "x: is no field of a Trial; its fields are source, id, former_ids, protocol_id, secondary_ids, title …; "
                 "`trialbridge schema` has them all"),
    (b'{"title":5,"start":"2024","x":1}', "title: found 5; expected text. Put it in quotes\n"
                                         "start: found '2024'; expected an object\n"
                                         "x: is no field of a Trial; its fields are source, id, former_ids, protocol_id, "
                                         "secondary_ids, title …; `trialbridge schema` has them all"),
    # YAML
    (b"hello", "found 'hello'; expected an object"),
    (b"# nothing\n", "the document is empty; expected a record"),
    (b"- a\n- b\n", "found a list of 2; expected an object"),
    (b"title: x\nid: 012\n", "line 2, column 5: found '012'; expected a number in decimal digits, or a text in quotes"),
    (b"title: x\nid: 12\n", "id: found 12; expected text. Put it in quotes"),
    (b"title: .nan\n", "line 1, column 8: found '.nan'; expected a number in decimal digits, or a text in quotes"),
    (b"title:\n", "title: found null; expected text. Leave it out where nothing is known"),
    (b"title: a\ntitle: b\n", "line 2, column 1: the name 'title' is said twice in one object; remove one"),
    (b"<<: {title: a}\n", "line 1, column 1: found a merge key (<<) or a key that is no text; expected a field's name"),
    (b"title: !!binary x\n", "line 1, column 8: found the tag 'tag:yaml.org,2002:binary'; "
                            "expected a text, a number, true or false, a list or an object"),
    (b"a: &a [*a]\n", "line 1, column 4: the record goes deeper than 50 levels or has more than 100000 values; "
                     "does an alias (*name) stand within what it repeats?"),
    (b'title: "x\n', "line 2, column 1: is not YAML: found unexpected end of stream"),
    (rb'title: "a \ud83d\ude00 \ud800"', "line 1, column 8: found half a character (the lone surrogate \\ud800); expected both halves, "
                                        "or the character itself"),
    (b'title: x\n"\\udc00": y\n', "line 2, column 1: found half a character (the lone surrogate \\udc00); expected both halves, "
                                 "or the character itself"),
    (b"arms:\n" + b"  - name: x\n" * 34_000, "line 33335, column 5: the record goes deeper than 50 levels or has more than 100000 values; "
                                            "does an alias (*name) stand within what it repeats?"),
    (b"title: x\n---\ntitle: y\n", "line 2: found a second document (---); expected one record in a file"),
    (b"title: \xe9\n", "column 8: found the byte 0xE9, which is not UTF-8 (is it Latin-1?); expected UTF-8. "
                      "Save the document again as UTF-8"),
    (b"title: x\n" + b"#" * (9 << 20), "the YAML has 9 MiB; expected at most 4. Write it as JSON"),
]


@pytest.mark.parametrize(("document", "message"), REFUSED, ids=[repr(document[:40]) for document, _ in REFUSED])
def test_a_refusal_says_where_what_and_what_was_expected(document, message):
    with pytest.raises(Problems) as refused:
        FORMAT.read(document)
    assert str(refused.value) == message


def test_an_alias_that_multiplies_is_refused():
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))
    with pytest.raises(Problems, match="more than 100000 values"):
        FORMAT.read(bomb.encode())


def test_a_record_of_yaml_that_is_refused_is_not_read_to_its_end(monkeypatch):
    composed = []
    compose = Composer.compose_node
    monkeypatch.setattr(Composer, "compose_node", lambda *about: composed.append(1) or compose(*about))
    for document, most in ((b"title: x\n" * 10_000, 10), (b"arms:\n" + b"  - name: x\n" * 10_000, 110)):
        monkeypatch.setattr("converter.formats.trial_yaml.MOST", 100)
        composed.clear()
        with pytest.raises(Problems):
            FORMAT.read(document)
        assert len(composed) < most


def test_a_character_in_two_escapes_is_one():
    assert FORMAT.read(rb'title: "\ud83d\ude00 \u00e9"').trial.title == "\U0001f600 é"


@pytest.mark.parametrize("format", [FORMAT, YAML], ids=["json", "yaml"])
def test_reading_gives_back_what_was_written(format):
    document = format.write(TRIAL).document
    reading = FORMAT.read(document)
    assert reading.trial == TRIAL
    assert reading.problems == reading.lost == ()
    assert format.write(reading.trial).document == document


def test_yaml_is_for_people():
    assert YAML.write(replace(TRIAL, criteria=None)).document.decode() == """\
source: ctgov
id: NCT00000001
secondary_ids:
  - value: "012"
  - value: "1e3"
    kind: "2024-01-01"
title: "no"
official_title: |
  Line one

    Line two: with # and 'quotes'
start:
  date: "2024-01-01"
has_dmc: false
enrollment:
  count: 0
arms:
  - name: "A: b"
    interventions:
      - "Drug: null"
      - "- x"
sites:
  - city: "Zürich"
    zip: "08091"
    position:
      latitude: 47.370
      longitude: 8.50
predicted_bmi_minimum: 39.90
"""


def test_yaml_as_people_write_it():
    document = "title: A trial # said plainly\nstart: {date: 2024-01-01}\npredicted_bmi_minimum: 39.90\nhas_dmc: no\n"
    with pytest.raises(Problems) as refused:
        FORMAT.read(document.encode())
    assert str(refused.value) == "has_dmc: found 'no'; expected true or false"
    assert FORMAT.read(document.replace("no\n", "false\n").encode()).trial == Trial(
        title="A trial", start=Milestone(date="2024-01-01"), predicted_bmi_minimum=Decimal("39.90"), has_dmc=False)


@pytest.mark.parametrize("document", [
    b'{"title":"null"}', b'{"title":"{}"}', b'{"title":"\\u00e9"}', b'{"title":"{ }","has_dmc":false}',
])
def test_a_text_that_only_looks_doubtful_is_read(document):
    assert doubtful(document)
    assert FORMAT.read(document).trial.title == parse(document)["title"]


@settings(max_examples=300)
@given(st.text())
def test_any_text_comes_back_from_yaml(said):
    trial = Trial(title=said or None, id="x", keywords=(said, "y"))
    assert FORMAT.read(YAML.write(trial).document).trial == trial


@dataclass
class Foreign:
    x: int = 1


MISTYPED = [
    (Trial(), 'found an empty object; expected a record with at least one field, such as "title"'),
    (Trial(title=5), "title: found 5; expected text. Put it in quotes"),
    (Trial(sites=()), f"sites: found an empty list; {EMPTY}"),
    (Trial(sites=[Site(city="x")]), "sites: found a list of 1, a list; expected a tuple"),
    (Trial(sites=(Site(city=5),)), "sites[0].city: found 5; expected text. Put it in quotes"),
    (Trial(sites=({"city": "x"},)), "sites[0]: found an object with 'city', a dict; expected a Site"),
    (Trial(sites=(Site(position=Position(latitude=1.5)),)), "sites[0].position.latitude: found 1.5, a float; expected a Decimal"),
    (Trial(predicted_bmi_minimum="1"), "predicted_bmi_minimum: found '1'; expected a number"),
    (Trial(has_dmc=1), "has_dmc: found 1; expected true or false"),
    (Trial(title="\ud800"), "title: found half a character (the lone surrogate U+D800) in '\\ud800'; expected a text"),
    (Trial(sites=(Site(city="Bern"), Site(city="\ud800"))),
     "sites[1].city: found half a character (the lone surrogate U+D800) in '\\ud800'; expected a text"),
    (Trial(title=object), "the Trial holds what JSON cannot say: Encoding objects of type type is unsupported; "
                          "expected texts, numbers, true or false, and parts of converter.trial"),
    (Trial(predicted_bmi_minimum=Decimal("NaN")), "predicted_bmi_minimum: found NaN; expected a number"),
    (Trial(title="NaN", sites=(Site(position=Position(latitude=Decimal("-Infinity"))),)),
     "sites[0].position.latitude: found -Infinity; expected a number"),
    ("x", "found 'x'; expected a Trial"),
]


@pytest.mark.parametrize(("trial", "message"), MISTYPED, ids=[message[:40] for _, message in MISTYPED])
def test_the_public_write_refuses_a_value_of_another_type(trial, message):
    with pytest.raises(Problems) as refused:
        write(trial, "trial")
    assert str(refused.value) == message


def test_the_schema_is_current():
    assert FILE.read_bytes() == text(), "run `python -m converter.schema` (make schema)"


def test_the_schema_demands_what_the_record_promises():
    made = schema()
    assert list(made)[:5] == ["$schema", "$id", "title", "description", "type"]
    parts = {"Trial": made, **made["$defs"]}
    assert parts.keys() == {"Trial"} | {part.__name__ for part in Part.__subclasses__()}
    for name, part in parts.items():
        assert part["additionalProperties"] is False, name
        assert part["minProperties"] == 1, name
        for field in part["properties"].values():
            assert field.get("minItems") == (1 if field.get("type") == "array" else None)
    assert b'"null"' not in encode(made)
    assert made["properties"]["predicted_bmi_minimum"] == {"type": "number"}
