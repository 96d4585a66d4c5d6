"""What a server says, in whatever form: its words, what they mean, which field of the Trial they point at, what to try."""

import re
from copy import deepcopy
from pathlib import Path

import pytest

from converter.json_text import encode, parse
from mappings.push.http import Reply
from mappings.push.words import (
    ROWS,
    Said,
    clean,
    fields,
    hint,
    is_multiple_match,
    is_page,
    is_stale,
    outcome_words,
    said,
    too_large,
)

BUNDLE = parse((Path(__file__).parents[2] / "samples" / "bundles" / "ctgov-NCT03540472.r4.json").read_bytes())
OWN_IDS = "This server gives out ids itself; use --strategy conditional"
NO_IDS = "This server takes no such id from a client; write it by a condition (Type?identifier=system|value)"
NO_TRANSACTION = "This server knows no transactions, or --server is not its base URL; --strategy sequential needs no transactions"
SEVERAL = "Several resources on the server have that identifier; leave one of them there, then push again"
LARGE = "The Bundle is too large for this server; take it apart, use --strategy sequential, or have the limit raised"
PROXY = "A proxy, a firewall or a login page answered in place of the server; check --server, --proxy and --auth"
DEFINITIONS = "This server validates without HL7's cross-version definitions; use --extensions own, or load the definitions"
LOGIN = b"\n<!DOCTYPE html>\n<html lang=en><head><title>Sign in &ndash; Clinic</title></head><body>Who are you?</body></html>"
NOT_ALLOWED = (b"<html>\n<head>\n<title>Error 405 HTTP method POST is not supported by this URL</title>\n</head>\n<body>"
               b"<h2>HTTP ERROR 405</h2></body>\n</html>\n")


def outcome(*issues, **members):
    return {"resourceType": "OperationOutcome", "issue": list(issues), **members}


def issue(text=None, severity="error", code="processing", **members):
    return {"severity": severity, "code": code, **({"diagnostics": text} if text else {}), **members}


def answered(body, status=400, **headers):
    return Reply(status, headers, body if isinstance(body, bytes) else encode(body))


def texts(body, status=400, **headers):
    return [one.text for one in said(answered(body, status, **headers))]


# One answer of each kind, with all that is made of it

UNKNOWN_ELEMENT = issue("Unrecognized property 'titel'", location=["Bundle.entry[0].resource", "Line[1] Col[14827]"], expression=["Bundle.entry[0].resource"])
ANSWERS = [
    # what, body, what is said
    ("HAPI", outcome(issue("HAPI-1094: Resource Organization/nope not found, specified in path: ResearchStudy.sponsor")),
     [Said("HAPI-1094: Resource Organization/nope not found, specified in path: ResearchStudy.sponsor", code="processing")]),
    ("HAPI's validator", outcome(UNKNOWN_ELEMENT), [Said("Unrecognized property 'titel'", ("Bundle.entry[0].resource",), "processing")]),
    ("Medplum", outcome({"severity": "error", "code": "invalid", "details": {"text": "Conditional PUT matched multiple resources"}, "expression": ["Bundle.entry[0].request.url"]}),
     [Said("Conditional PUT matched multiple resources", ("Bundle.entry[0].request.url",), "invalid")]),
    ("details and diagnostics", outcome(issue("at line 3", details={"text": "No such code"})), [Said("No such code: at line 3", code="processing")]),
    ("the one within the other", outcome(issue("No such code: bogus", details={"text": "No such code"})), [Said("No such code: bogus", code="processing")]),
    ("only a coding", outcome(issue(details={"coding": [{"code": "MSG_1", "display": "Not allowed"}]})), [Said("Not allowed", code="processing")]),
    ("only a code", outcome(issue(code="not-supported", severity="fatal")), [Said("not-supported", code="not-supported", severity="fatal")]),
    ("nothing", outcome({}), [Said("an issue without words", severity="")]),
    ("no issue", outcome(), []),
    ("issues that are none", {"resourceType": "OperationOutcome", "issue": [None, "a", 5, {"severity": 5, "code": [], "details": "x", "diagnostics": {}, "expression": "y", "location": [7]}]},
     [Said("an issue without words", severity="")]),
    ("another resource", {"resourceType": "Bundle", "type": "transaction-response"}, []),
    ("Google", {"error": {"code": 403, "message": "Permission 'healthcare.fhirResources.update' denied on resource", "status": "PERMISSION_DENIED", "details": [{"@type": "x"}]}},
     [Said("Permission 'healthcare.fhirResources.update' denied on resource", code="PERMISSION_DENIED")]),
    ("Azure's gateway", {"error": {"code": "TooManyRequests", "message": "Rate limit is exceeded"}}, [Said("Rate limit is exceeded", code="TooManyRequests")]),
    ("AWS", {"__type": "ValidationException", "message": "1 validation error detected"}, [Said("1 validation error detected")]),
    ("FastAPI", {"detail": "Not Found"}, [Said("Not Found")]),
    ("FastAPI's validation", {"detail": [{"loc": ["body", "entry", 0, "resource", "title"], "msg": "field required", "type": "value_error.missing"}]},
     [Said("field required", ("entry[0].resource.title",), "value_error.missing")]),
    ("Spring", {"timestamp": "2026-11-26T15:47:47", "status": 404, "error": "Not Found", "message": "", "path": "/fhir"}, [Said("Not Found", code="Not Found")]),
    ("OAuth", {"error": "invalid_scope", "error_description": "No such scope"}, [Said("No such scope", code="invalid_scope")]),
    ("a problem of RFC 9457", {"type": "about:blank", "title": "Bad Request", "detail": "No body"}, [Said("No body", code="about:blank")]),
    ("a list of errors", {"errors": [{"message": "a"}, {"message": "b"}]}, [Said("a"), Said("b")]),
    ("a text of JSON", b'"Go away"', [Said("Go away")]),
    ("JSON with other names", {"fault": {"faultstring": "x"}}, [Said('{"fault":{"faultstring":"x"}}')]),
    ("XML of FHIR", b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?><OperationOutcome xmlns="http://hl7.org/fhir"><issue><severity value="error"/><code value="processing"/>'
                    b'<details><coding><code value="c"/></coding><text value="Unknown parameter"/></details><diagnostics value="HAPI-0524: &quot;a&quot;"/>'
                    b'<location value="Line[1] Col[2]"/><expression value="ResearchStudy.title"/><expression value="ResearchStudy.url"/></issue></OperationOutcome>',
     [Said('Unknown parameter: HAPI-0524: "a"', ("ResearchStudy.title", "ResearchStudy.url"), "processing")]),
    ("other XML", b"<?xml version='1.0'?>\n<Error>\n <Code>AccessDenied</Code>\n <Message>Access Denied</Message></Error>", [Said("AccessDenied Access Denied")]),
    ("XML with a DTD", b'<!DOCTYPE a [<!ENTITY b "boom">]><a>&b;</a>', [Said('<!DOCTYPE a [<!ENTITY b "boom">]><a>&b;</a>')]),
    ("broken XML", b"<a><b></a>", [Said("<a><b></a>")]),
    ("XML that nests without end", b"<a>" * 100_000, [Said("<a>" * 99 + "<a…")]),
    ("a page", LOGIN, [Said("an HTML page, 'Sign in – Clinic'", code="html")]),
    ("a page without a title", b"<html><body>Hello</body></html>", [Said("an HTML page", code="html")]),
    ("a page that is nearly all titles", b"<html>" + b"<title" * 200_000, [Said("an HTML page", code="html")]),
    ("Jetty's page", NOT_ALLOWED, [Said("an HTML page, 'Error 405 HTTP method POST is not supported by this URL'", code="html")]),
    ("plain text", b"upstream connect error\r\nor  disconnect", [Said("upstream connect error or disconnect")]),
    ("Latin-1", "für".encode("latin-1"), [Said("f\ufffdr")]),
    ("bytes of any kind", b"\x00\x1f\x8b\x08", [Said("\ufffd")]),
    ("nothing at all", b"", []),
    ("blanks", b" \r\n\t", []),
    ("brackets without end", b'{"resourceType":' * 10_000, [Said(('{"resourceType":' * 19)[:299] + "…")]),
    ("lists without end", b"[" * 500 + b"]" * 500, [Said("[" * 299 + "…")]),
]


@pytest.mark.parametrize(("body", "expected"), [case[1:] for case in ANSWERS], ids=[case[0] for case in ANSWERS])
def test_an_answer_says_the_servers_own_words(body, expected):
    assert list(said(answered(body))) == expected


@pytest.mark.parametrize("content", ["text/html", "text/html; charset=utf-8", "application/xhtml+xml"])
def test_a_page_is_one_by_its_content_type_too(content):
    reply = answered(b"<h1>502</h1>", 502, **{"content-type": content})
    assert is_page(reply)
    assert said(reply) == (Said("an HTML page", code="html"),)


@pytest.mark.parametrize(("body", "content"), [
    ({"resourceType": "Bundle", "note": "<html>"}, "application/fhir+json"),
    ({"resourceType": "Bundle"}, "text/html"),
    (b"", "text/html"),
    (b'<OperationOutcome xmlns="http://hl7.org/fhir"/>', "application/fhir+xml"),
    (b"see <html> for more", "text/plain"),
])
def test_nothing_else_is_a_page(body, content):
    assert not is_page(answered(body, 200, **{"content-type": content}))


LOCATIONS = [
    ("https://fhir.example.org/r4/", "a redirect to https://fhir.example.org/r4/"),
    ("/fhir/", "a redirect to /fhir/"),
    ("https://me:pass@fhir.example.org/?code=secret#x", "a redirect to https://fhir.example.org/"),
    ("https://a\x1b[2J.example.org/\x07", "a redirect to https://a.example.org/"),
    ("https://[", "a redirect to what is no address"),
]


@pytest.mark.parametrize(("location", "expected"), LOCATIONS)
def test_a_redirect_is_told_and_not_what_it_shows_of_secrets(location, expected):
    assert texts(b"<html><title>Moved</title></html>", 301, location=location) == [expected]


def test_a_redirect_to_nowhere_is_told_by_its_body():
    assert texts(b"Moved", 302) == ["Moved"]


CLEAN = [
    # what, text, as it is shown
    ("lines", "a\r\n\tb   c\u2028d\xa0e", "a b c d e"),
    ("colours", "\x1b[31;1mred\x1b[0m", "red"),
    ("a cleared screen", "a\x1b[2J\x1b[Hb", "ab"),
    ("a window's title", "a\x1b]0;evil\x07b\x1b]2;evil\x1b\\c", "abc"),
    ("a link", "\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\", "here"),
    ("a control string without its end", "a\x1b]0;b", "a0;b"),
    ("a device's string", "a\x1bP1;2|evil\x1b\\b\x1b_evil\x1b\\c", "abc"),
    ("other escapes", "a\x1bcb\x1b(0c\x1b", "abc"),
    ("controls of eight bits", "a\x9b31mb\x9dtitle\x9cc\x85d\x90x\x9ce", "abc de"),
    ("a backspace and a bell", "abc\b\b\x07\x00\x7f", "abc"),
    ("text from right to left", "a\u202eb\u202c\u2066c\u2069\u200fd\u061c", "abcd"),
    ("what cannot be seen", "a\u200b\u200d\u2060\ufeff\u00adb\U000e0041", "ab"),
    ("private characters", "a\ue000\U000f0000b", "ab"),
    ("other scripts", "Prüfung 试验 исследование µ≥", "Prüfung 试验 исследование µ≥"),
    ("a text that is as long as may be", "x" * 300, "x" * 300),
    ("a longer one", "x" * 301, "x" * 299 + "…"),
    ("a blank before the cut", "x" * 298 + " yz", "x" * 298 + "…"),
    ("nothing to be seen at first", "\x1b[0m" * 2_000 + "x", "…"),
    ("nothing", "", ""),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in CLEAN], ids=[case[0] for case in CLEAN])
def test_what_is_shown_is_one_line_that_no_terminal_obeys(text, expected):
    assert clean(text) == expected


@pytest.mark.parametrize("body", [
    outcome(issue("\x1b[31mred\x07", expression=["Research\x1b[2JStudy.title"], code="a\x1b[0mb")),
    outcome(issue(details={"text": "\x1b[31mred\x07"}, expression=["ResearchStudy.title\u202e"], code="ab")),
    {"error": {"message": "\x1b[31mred\x07", "status": "a\u200bb"}},
    b"<html><title>\x1b[31mred\x07</title>",
    b"\x1b[31mred\x07",
])
def test_no_word_of_an_answer_reaches_a_terminal_as_it_is(body):
    for one in said(answered(body)):
        assert "red" in one.text
        assert one.code in ("ab", "html", "")
        assert one.paths in (("ResearchStudy.title",), ())
        assert "".join((one.text, one.code, *one.paths)).isprintable()


# An outcome with many issues

CROSS = "Extension url 'http://hl7.org/fhir/5.0/StructureDefinition/extension-{}' is not valid (invalid Version '5.0')"


def test_errors_come_before_all_else_and_five_are_told():
    many = [issue(f"Unknown extension {n}", "information") for n in range(2_000)] + [issue(f"no {n}") for n in range(5_000)]
    assert texts(outcome(*many)) == ["no 0", "no 1", "no 2", "no 3", "no 4", "... and 4995 more"]


def test_without_an_error_all_else_is_told():
    assert texts(outcome(*(issue(f"b{n}", "warning") for n in range(6))), 200) == ["b0", "b1", "b2", "b3", "b4", "... and 1 more"]


def test_five_issues_are_all():
    assert texts(outcome(*(issue(f"a{n}", "fatal") for n in range(5)))) == ["a0", "a1", "a2", "a3", "a4"]


def test_every_kind_of_error_is_told_before_one_is_told_again():
    many = [*(issue(CROSS.format(f"Location.a{n}")) for n in range(17)), issue("Unknown code 'bogus'"), issue("Unknown code 'wrong'")]
    assert texts(outcome(*many)) == [
        CROSS.format("Location.a0"), "Unknown code 'bogus'", CROSS.format("Location.a1"), "Unknown code 'wrong'", CROSS.format("Location.a2"), "... and 14 more"]


def test_an_outcome_inside_of_an_answer_is_told_alike():
    inner = outcome(issue("Missing Bundle entry request method", expression=["Bundle.entry[0].request.method"], code="invalid"))
    assert outcome_words(inner) == (Said("Missing Bundle entry request method", ("Bundle.entry[0].request.method",), "invalid"),)


@pytest.mark.parametrize("other", [None, [], "OperationOutcome", {}, {"resourceType": "Bundle"}, {"resourceType": ["OperationOutcome"]}])
def test_what_is_no_outcome_says_nothing(other):
    assert outcome_words(other) == ()


# What is meant.  HAPI's (8.8.0) and Medplum's (4.5.2) words are their own; those of the others are from their documents and sources.

MEANT = [
    # status, words, code, what they mean: several match, stale, too large
    (412, 'HAPI-2207: Invalid match URL "ResearchStudy?identifier=http://x|twice" - Multiple resources match this search', "processing", "several"),
    (412, 'HAPI-0958: Failed to CREATE ResearchStudy with match URL "identifier=http://x|twice" because this search matched 2 resources', "processing", "several"),
    (412, 'HAPI-0988: Failed to UPDATE ResearchStudy with match URL "ResearchStudy?identifier=http://x%7Ctwice" because this search matched 2 resources', "processing", "several"),
    (412, "Multiple resources found matching condition", "multiple-matches", "several"),
    (400, "Conditional PUT matched multiple resources", "invalid", "several"),
    (412, "Operation was not attempted because search criteria was not selective enough for query parameter 'a'.", "invalid", "several"),
    (409, "HAPI-0550: HAPI-0989: Trying to update ResearchStudy/abc-1/_history/99 but this is not the current version", "processing", "stale"),
    (412, "Precondition Failed", "processing", "stale"),
    (412, "If-Match version '1' does not match current latest version of resource: 2", "conflict", "stale"),
    (413, "HAPI-0528: Transaction Bundle Too large.  Transaction bundle contains 63 which exceedes the maximum permitted transaction bundle size of 50", "processing", "large"),
    (413, "", "", "large"),
    (400, "Transaction requires strict isolation but has too many entries", "invalid", "large"),
    (400, "Transaction contains more update operations than allowed", "invalid", "large"),
    (400, "The number of entries in the bundle exceeded the configured limit of 500.", "invalid", "large"),
    (409, "HAPI-0550: HAPI-0823: Error flushing transaction with resource types: [Group] - The operation has failed with a version constraint failure.", "processing", ""),
    (400, "HAPI-0534: Transaction bundle contains multiple resources with ID: urn:uuid:00000000-0000-4000-8000-000000000001", "processing", ""),
    (412, "HAPI-0539: the resource does not satisfy the condition", "processing", ""),
    (412, "", "", ""),
    (400, "Precondition Failed", "processing", ""),
    (500, "Multiple resources match this search", "processing", ""),
    (404, "too many entries", "processing", ""),
    (422, "Unknown code 'bogus'", "processing", ""),
]


@pytest.mark.parametrize(("status", "text", "code", "meaning"), MEANT)
def test_status_and_words_tell_what_is_meant(status, text, code, meaning):
    words = [Said(text, code=code)] if text else []
    found = {"several": is_multiple_match(status, words), "stale": is_stale(status, words), "large": too_large(status, words)}
    assert [name for name, yes in found.items() if yes] == ([meaning] if meaning else [])


# What to try

REFERENCE = "It refers to something that is not on the server; push that first, or in the same Bundle"
TWICE = "Two entries write to the same resource; leave one of them out"
RELEASE = "This server speaks another release of FHIR; choose it with --release"
NOT_THERE = "Nothing there answers as a FHIR server does; check the base URL that --server gives"
BUSY = "The server has too much to do, or is down; push again later, perhaps with fewer --jobs"
FAILED = "The server, or a gateway before it, failed; push again: what has arrived is not written twice"
HINTS = [
    # status, body, what to try
    (422, outcome(issue(CROSS.format("Location.contact"))), DEFINITIONS),
    (422, outcome(issue("Extension url 'http://hl7.org/fhir/6.0/StructureDefinition/extension-ResearchStudy.a' is not valid (invalid Version '6.0')")), DEFINITIONS),
    (400, outcome(issue("Unable to resolve 'http://hl7.org/fhir/4.3/StructureDefinition/extension-Group.a'")), DEFINITIONS),
    (422, outcome(issue("Unknown code 'bogus'"), issue(CROSS.format("Location.contact"))), DEFINITIONS),
    (422, outcome(issue("Unknown code 'http://hl7.org/fhir/research-study-status#bogus'")), ""),
    (422, outcome(issue("Unknown extension http://hl7.org/fhir/StructureDefinition/artifact-name")), ""),
    (400, outcome(issue('HAPI-0450: Failed to parse request body as JSON resource. Error was: HAPI-1684: Unknown resource name "Trial" (this name is not known in FHIR version "R4")')), RELEASE),
    (400, outcome(issue("HAPI-0541: Unable to satisfy placeholder ID urn:uuid:11111111-0000-4000-8000-000000000000 found in element named 'sponsor' within resource of type: ResearchStudy")),
     "The Bundle refers to an entry that it does not have; add the entry, or take the reference out"),
    (400, outcome(issue("HAPI-1094: Resource Organization/nope not found, specified in path: ResearchStudy.sponsor")), REFERENCE),
    (404, outcome(issue('HAPI-1091: Invalid match URL "Organization?identifier=http://a|b" - No resources match this search')), REFERENCE),
    (400, outcome(issue("Given conditional reference 'Organization?identifier=a' does not resolve to a resource.", code="invalid")), REFERENCE),
    (409, outcome(issue("Referential integrity violated. Resource `Organization/0` doesn't exist.", code="conflict")), REFERENCE),
    (400, outcome(issue('HAPI-0507: Resource contains external reference to URL "http://elsewhere/Organization/1" but this server is not configured to allow external references')),
     "This server takes no references to other servers; take them out, or have the server allow them"),
    (400, outcome(issue("HAPI-0534: Transaction bundle contains multiple resources with ID: urn:uuid:00000000-0000-4000-8000-000000000001")), TWICE),
    (400, outcome(issue("Bundle contains multiple entries that refers to the same resource 'Group?identifier=a'.")), TWICE),
    (400, outcome(issue("HAPI-0929: Failed to process conditional create. The supplied resource ResearchStudy?identifier=http://nowhere|1 of type ResearchStudy did not satisfy the conditional URL.")),
     "The condition asks for an identifier that the resource does not have; correct one of the two"),
    (400, outcome(issue('HAPI-0524: Unknown search parameter "identifier" for resource type "Provenance".')), "This server cannot search for it in that way; use --strategy put-id"),
    (412, outcome(issue("HAPI-2207: Invalid match URL - Multiple resources match this search")), SEVERAL),
    (400, outcome(issue(details={"text": "Conditional PUT matched multiple resources"}, code="invalid")), SEVERAL),
    (409, outcome(issue("HAPI-0550: HAPI-0989: Trying to update Group/g/_history/9 but this is not the current version")), "Somebody changed the resource on the server meanwhile; push again"),
    (412, outcome(issue(details={"text": "Precondition Failed"})), "Somebody changed the resource on the server meanwhile; push again"),
    (412, b"", "Several resources have that identifier, or one was changed meanwhile; look at the server, then push again"),
    (409, outcome(issue("HAPI-0823: Error flushing transaction")), "Others wrote to the same resources at the same time; push again, perhaps with fewer --jobs"),
    (400, outcome(issue("HAPI-0960: Can not create resource with ID[123], no resource with this ID exists and clients may only assign IDs which contain at least one non-numeric character")), NO_IDS),
    (400, outcome(issue("HAPI-0521: Can not process entity with ID[a_b], this is not a valid FHIR ID")), NO_IDS),
    (404, outcome(issue("HAPI-0959: No resource exists on this server resource with ID[AAA], and client-assigned IDs are not enabled.")), NO_IDS),
    (400, outcome(issue(details={"text": "Cannot perform create as update with client-assigned ID"}, code="invalid")), NO_IDS),
    (404, outcome(issue("the store does not have enableUpdateCreate set", code="not-found")), NO_IDS),
    (413, b"", LARGE),
    (400, outcome(issue(details={"text": "Transaction requires strict isolation but has too many entries"}, code="invalid")), LARGE),
    (400, outcome(issue("The number of entries in the bundle exceeded the configured limit of 500.")), LARGE),
    (404, {"detail": "Not Found"}, NO_TRANSACTION),
    (404, outcome(issue(details={"text": "Not found"}, code="not-found")), NO_TRANSACTION),
    (405, NOT_ALLOWED, NO_TRANSACTION),
    (501, b"", NO_TRANSACTION),
    (200, LOGIN, PROXY),
    (403, LOGIN, PROXY),
    (503, LOGIN, BUSY),
    (429, {"error": {"code": 429, "message": "Quota exceeded", "status": "RESOURCE_EXHAUSTED"}}, BUSY),
    (500, outcome(issue("HAPI-0331: java.lang.StringIndexOutOfBoundsException: String index out of range: 0")), FAILED),
    (502, b"<html><title>502 Bad Gateway</title></html>", FAILED),
    (504, b"", FAILED),
    (406, b"", "It takes no FHIR as JSON there; check the base URL that --server gives"),
    (415, b"", "It takes no FHIR as JSON there; check the base URL that --server gives"),
    (407, b"", "The proxy asks for a name and a password; check --proxy"),
    (403, {"error": {"message": "denied"}}, "The server does not allow it to these credentials; ask who runs it"),
    (400, outcome(issue("HAPI-0527: Unable to process transaction where incoming Bundle.type = collection")), ""),
    (200, {"resourceType": "Bundle"}, ""),
    (418, b"I am a teapot", ""),
]


@pytest.mark.parametrize(("status", "body", "expected"), HINTS)
def test_what_to_try_is_told_where_it_is_known(status, body, expected):
    assert hint(status, said(answered(body, status))) == expected


STRATEGIES = [
    # status, body, strategy, what to try
    (404, outcome(issue(details={"text": "Not found"}, code="not-found")), "put-id", OWN_IDS),
    (404, {"detail": "Not Found"}, "put-id", NO_TRANSACTION),
    (404, {"detail": "Not Found"}, "sequential", NOT_THERE),
    (404, {"detail": "Not Found"}, "conditional", NO_TRANSACTION),
]


@pytest.mark.parametrize(("status", "body", "strategy", "expected"), STRATEGIES)
def test_what_to_try_depends_on_what_was_tried(status, body, strategy, expected):
    assert hint(status, said(answered(body, status)), strategy=strategy) == expected


def test_a_redirect_says_what_to_do_with_its_address():
    reply = answered(b"", 308, location="https://fhir.example.org/fhir/")
    assert hint(308, said(reply)) == "Redirects are not followed; use that address as --server, where it is the server's own"


def test_advice_is_a_sentence_without_its_full_stop():
    for row in ROWS:
        assert re.fullmatch(r"[A-Z].*[^.;]|\{scopes\}", row.advice)


SCOPES = [
    # types, granted, what is missing
    (("ResearchStudy", "Group"), ("system/ResearchStudy.cruds", "system/Group.rs"), "system/Group.cu"),
    (("ResearchStudy", "Group"), ("system/ResearchStudy.rs", "system/Group.cr"), "system/ResearchStudy.cu system/Group.u"),
    (("Group",), ("system/ResearchStudy.write", "system/*.read"), "system/Group.write"),
    (("Group",), ("openid", "user/Group.r"), "system/Group.cu"),
    (("Group",), ("system/Group.cu?_tag=a", "system/Group.rs"), "system/Group.cu"),
    (("Group",), ("patient/*.write", "system/ResearchStudy.write"), "system/Group.write"),
]
ENOUGH = [("system/Group.cu",), ("system/*.cruds",), ("system/*.write",), ("system/*.*",), ("user/Group.*",), ("system/Group.c", "system/*.u")]


@pytest.mark.parametrize(("kinds", "granted", "missing"), SCOPES)
def test_a_403_names_the_scope_that_is_missing(kinds, granted, missing):
    assert hint(403, (), kinds, granted) == f"The token lacks the scope {missing}; ask for it with --scope, and have it granted by who runs the server"


@pytest.mark.parametrize("granted", ENOUGH)
def test_a_403_in_spite_of_the_scopes_is_the_servers_own_rule(granted):
    assert hint(403, (), ("Group",), granted) == "The server does not allow it to these credentials; ask who runs it"


@pytest.mark.parametrize("granted", [(), ("https://www.googleapis.com/auth/cloud-healthcare",)])
def test_a_403_without_scopes_of_smart_says_what_would_be_needed(granted):
    assert hint(403, (), ("Group", "ResearchStudy"), granted) == (
        "These credentials may not write there; have it allowed by who runs the server (as SMART scopes: system/Group.cu system/ResearchStudy.cu)")


# Which field

STUDY = "Bundle.entry[0].resource/*ResearchStudy/null*/"
POINTED = [
    # words, paths, fields
    ("Not a valid date/time format: '2018-13-45'", [f"{STUDY}.extension[7].value.ofType(markdown)"], ["summary"]),
    (CROSS.format("Location.contact"), [f"{STUDY}.contained[0]/*Location/loc-1*/.extension[1][url='http://hl7.org/fhir/5.0/StructureDefinition/extension-Location.contact']"],
     ["sites[0].contacts[0]"]),
    ("This property must be a simple value, not an Object (title at Bundle.entry[0].resource.title)", ["Bundle.entry[0].resource.title"], ["title"]),
    ("This property must be a simple value, not an Object (title at Bundle.entry[0].resource.title)", [], ["title"]),
    ("a", [f"{STUDY}.title", f"{STUDY}.condition[0].text", f"{STUDY}.title"], ["title", "conditions[0]"]),
    ("HAPI-0931: Invalid reference found at path 'ResearchStudy.site'. Resource type 'Patient' is not valid for this path", [], ["sites[0]"]),
    ("HAPI-0541: Unable to satisfy placeholder ID urn:uuid:1 found in element named 'site' within resource of type: ResearchStudy", [], ["sites[0]"]),
    ("field required", ["entry[0].resource.title"], ["title"]),
    (CROSS.format("ResearchStudy.title"), [], []),
    ("HAPI-0331: com.example.ResearchStudy.title", [], []),
    ("Group.type: minimum required = 1, but only found 0", ["Bundle.entry[2].resource/*Group/null*/"], []),
    ("Missing method", ["Bundle.entry[0].request.method"], []),
    ("see Patient.name and Bundle.entry[99].resource.title", ["Bundle", "][", "a.b[999999999]", ""], []),
]


@pytest.mark.parametrize(("text", "paths", "expected"), POINTED)
def test_words_point_at_fields_of_the_trial(text, paths, expected):
    assert list(fields([Said(text, tuple(paths))], BUNDLE, "r4")) == expected


def test_what_several_words_point_at_is_told_once():
    words = [Said("a", ("Bundle.entry[0].resource.title",)), Said("ResearchStudy.title is too long"), Said("b", ("ResearchStudy.condition[0]",))]
    assert fields(words, BUNDLE, "r4") == ("title", "conditions[0]")


def test_a_value_that_hapi_names_is_looked_for():
    damaged = deepcopy(BUNDLE)
    damaged["entry"][0]["resource"]["condition"][0]["text"] = "bo  gus"
    words = 'HAPI-0450: Failed to parse request body as JSON resource. Error was: HAPI-1821: [element="text"] Invalid attribute value "bo gus": Unknown'
    assert fields([Said(words)], damaged, "r4") == ("conditions[0]",)
    assert fields([Said(words)], BUNDLE, "r4") == ()


def test_a_value_that_stands_in_many_places_is_not_followed_for_ever():
    damaged = deepcopy(BUNDLE)
    damaged["entry"][0]["resource"]["condition"] = [{"text": "x"}] * 1_000
    assert len(fields([Said('[element="text"] Invalid attribute value "x"')], damaged, "r4")) == 10


def test_an_answer_leads_to_the_field():
    body = outcome(issue("Unknown extension", "information", expression=[f"{STUDY}.condition[0]"]), issue("value cannot be empty", expression=[f"{STUDY}.title"]))
    assert fields(said(answered(body, 422)), BUNDLE, "r4") == ("title",)
