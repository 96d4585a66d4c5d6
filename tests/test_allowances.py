"""Which paths a glob names, and how the globs of a command line are read."""

import pytest

from converter.allowances import Allowances, read_allowances
from converter.problems import Problems

LOCATIONS = "protocolSection.contactsLocationsModule.locations"
NAMED = [
    # glob, path, is it named
    ("resultsSection", "resultsSection", True),
    ("resultsSection", "resultsSection.a[0].b", True),
    ("resultsSection", "resultsSections", False),
    ("resultsSection", "a.resultsSection", False),
    ("**.resultsSection", "a.b.resultsSection", True),
    ("**.resultsSection", "resultsSection", True),
    ("**.geoPoint", f"{LOCATIONS}[3].geoPoint.lat", True),
    ("**geoPoint", "a.xgeoPoint", True),
    ("**.geoPoint", "a.xgeoPoint", False),
    ("protocolSection.*.overallStatus", "protocolSection.statusModule.overallStatus", True),
    ("protocolSection.*.overallStatus", "protocolSection.a.b.overallStatus", False),
    ("protocolSection.status*", "protocolSection.statusModule.x", True),
    (LOCATIONS, f"{LOCATIONS}[7]", True),
    (f"{LOCATIONS}.city", f"{LOCATIONS}[7].city", True),
    (f"{LOCATIONS}[*].city", f"{LOCATIONS}[7].city", True),
    (f"{LOCATIONS}[].city", f"{LOCATIONS}[7].city", True),
    (f"{LOCATIONS}[7].city", f"{LOCATIONS}[7].city", True),
    (f"{LOCATIONS}[7].city", f"{LOCATIONS}[17].city", False),
    ("a.?", "a.b", True),
    ("a.?", "a.bc", False),
    ("a['b.c']", "a['b.c']", True),
    ("a+", "aa", False),
    ("line *", "line 57", True),
]


@pytest.mark.parametrize(("glob", "path", "named"), NAMED)
def test_what_a_glob_names(glob, path, named):
    allow = Allowances([glob])
    assert allow.name(path) is named
    assert allow.unused == ([] if named else [glob])


def test_every_glob_that_fits_is_used():
    allow = Allowances(["a", "a.*", "b"])
    assert allow.name("a.b")
    assert allow.unused == ["b"]


def test_globs_are_read_from_files_too(tmp_path):
    (path := tmp_path / "allowed").write_text("# what we know of\nresultsSection\n\n **.geoPoint  # from a map\n", encoding="utf-8")
    assert list(read_allowances(["a", f"@{path}"]).globs) == ["a", "resultsSection", "**.geoPoint"]


@pytest.mark.parametrize(("given", "message"), [
    ("@none", "none: No such file or directory; expected a file of paths, one to a line"),
    ("@latin", "latin: is not UTF-8; expected a file of paths, one to a line"),
    (" ", "found an empty path; expected one such as resultsSection"),
])
def test_what_is_refused(tmp_path, monkeypatch, given, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "latin").write_bytes(b"\xe9")
    with pytest.raises(Problems) as refused:
        read_allowances([given])
    assert str(refused.value) == message
