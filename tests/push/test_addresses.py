"""What is the address of a server, what belongs to it, and what does not though it says so."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
import requests
from urllib3.util import parse_url

from converter.problems import Problems
from mappings.push.addresses import Base, base, checked, printable

SERVER = Base("https://fhir.example.org/r4")
EXPECTED = "expected an address such as https://fhir.example.org/r4"
PLAIN = ("is not encrypted: anybody on the way could read and change what is sent; expected https. --allow-http sends it all the same")
QUERY = "with a query or fragment; expected the base URL of the server alone"
SECRET = "s3cr3t"

BASES = [
    # what is given, the base, whether it had a slash at its end
    ("https://fhir.example.org/r4", "https://fhir.example.org/r4", False),
    ("https://fhir.example.org/r4/", "https://fhir.example.org/r4", True),
    ("https://fhir.example.org/r4//", "https://fhir.example.org/r4", True),
    ("https://fhir.example.org", "https://fhir.example.org", False),
    ("https://fhir.example.org/", "https://fhir.example.org", True),
    ("HTTPS://FHIR.Example.ORG/R4", "https://fhir.example.org/R4", False),
    ("  https://fhir.example.org/r4\n", "https://fhir.example.org/r4", False),
    ("https://fhir.example.org:8443/r4", "https://fhir.example.org:8443/r4", False),
    ("https://fhir.example.org/tenant-1/Group-data/r4", "https://fhir.example.org/tenant-1/Group-data/r4", False),
    ("https://[2001:DB8::1]:8443/r4", "https://[2001:db8::1]:8443/r4", False),
    ("http://[::1]:8080/fhir", "http://[::1]:8080/fhir", False),
    ("http://localhost:8080/fhir", "http://localhost:8080/fhir", False),
    ("http://fhir.localhost/fhir", "http://fhir.localhost/fhir", False),
    ("http://127.0.0.1/fhir", "http://127.0.0.1/fhir", False),
    ("http://127.255.0.9/fhir", "http://127.255.0.9/fhir", False),
]


@pytest.mark.parametrize(("given", "url", "slash"), BASES)
def test_a_base_is_known_however_it_is_written(given: str, url: str, slash: bool) -> None:
    assert base(given) == Base(url, slash)


REFUSED = [
    # what is given, what is said
    ("", f"found ''; {EXPECTED}"),
    ("fhir.example.org/r4", f"found 'fhir.example.org/r4'; {EXPECTED}"),
    ("ftp://fhir.example.org/r4", f"found 'ftp://fhir.example.org/r4'; {EXPECTED}"),
    ("file:///etc/passwd", f"found 'file:///etc/passwd'; {EXPECTED}"),
    ("https://", f"found 'https://'; {EXPECTED}"),
    ("https:///r4", f"found 'https:///r4'; {EXPECTED}"),
    ("https://:443/r4", f"found 'https://:443/r4'; {EXPECTED}"),
    ("https://fhir example.org/r4", f"found 'https://fhir example.org/r4'; {EXPECTED}"),
    ("https://fhir.example.org/r4 r5", f"found 'https://fhir.example.org/r4 r5'; {EXPECTED}"),
    ("https://fhir.example.org/\tr4", f"found 'https://fhir.example.org/\\tr4'; {EXPECTED}"),
    ("https://fhir.example.org/\x00r4", f"found 'https://fhir.example.org/\\x00r4'; {EXPECTED}"),
    ("https://fhir.example.org:99999/r4", f"found 'https://fhir.example.org:99999/r4', which is no address (Port out of range 0-65535); {EXPECTED}"),
    ("https://fhir.example.org:x/r4",
     f"found 'https://fhir.example.org:x/r4', which is no address (Port could not be cast to integer value as 'x'); {EXPECTED}"),
    ("https://[::1/r4", f"found 'https://[::1/r4', which is no address (Invalid IPv6 URL); {EXPECTED}"),
    ("https://fhir.example.org/r4?a=b", f"found 'https://fhir.example.org/r4' {QUERY}"),
    ("https://fhir.example.org/r4?", f"found 'https://fhir.example.org/r4' {QUERY}"),
    ("https://fhir.example.org/r4#a", f"found 'https://fhir.example.org/r4' {QUERY}"),
    ("https://fhir.example.org/r4#", f"found 'https://fhir.example.org/r4' {QUERY}"),
    ("http://fhir.example.org/r4", f"http://fhir.example.org/r4 {PLAIN}"),
    ("http://fhir.example.org/r4?a=b", f"http://fhir.example.org/r4 {PLAIN}"),
    ("http://127.0.0.1.example.org/r4", f"http://127.0.0.1.example.org/r4 {PLAIN}"),
    ("http://localhost.example.org/r4", f"http://localhost.example.org/r4 {PLAIN}"),
    ("http://notlocalhost/r4", f"http://notlocalhost/r4 {PLAIN}"),
    ("http://10.0.0.1/r4", f"http://10.0.0.1/r4 {PLAIN}"),
    *((f"https://fhir.example.org/r4/{end}", f"'https://fhir.example.org/r4/{end}' is an address on the server; "
       "expected its base URL, perhaps https://fhir.example.org/r4")
      for end in ("metadata", "metadata/", "Bundle", "Bundle/", "ResearchStudy", "PlanDefinition", "Group", "CapabilityStatement", "_history", "$validate")),
    ("https://fhir.example.org/metadata", "'https://fhir.example.org/metadata' is an address on the server; expected its base URL, "
     "perhaps https://fhir.example.org"),
    *((f"https://{user}@fhir.example.org/r4", "found a user name or password in the address of fhir.example.org; leave it out: others see "
       "the command line. --auth basic takes them from a file") for user in ("bob", f"bob:{SECRET}", f":{SECRET}", "")),
]


@pytest.mark.parametrize(("given", "message"), REFUSED)
def test_what_is_no_base_is_refused(given: str, message: str) -> None:
    with pytest.raises(Problems) as refused:
        base(given)
    assert str(refused.value) == f"--server: {message}"


def test_without_encryption_only_who_allows_it_is_sent_to() -> None:
    assert base("http://fhir.example.org/r4", allow_http=True) == Base("http://fhir.example.org/r4")


def test_an_address_is_refused_for_the_option_that_gives_it() -> None:
    with pytest.raises(Problems, match=r"^--token-url: found 'x'; expected"):
        checked("x", "--token-url")


def test_a_user_and_a_password_may_be_in_an_address_that_is_a_secret() -> None:
    parts = checked(f"http://bob:{SECRET}@proxy.example.org:3128", "--proxy", allow_http=True, secret=True)
    assert (parts.username, parts.password, parts.hostname, parts.port) == ("bob", SECRET, "proxy.example.org", 3128)


@pytest.mark.parametrize("secret", [False, True])
@pytest.mark.parametrize("url", [
    f"https://bob:{SECRET}@a.example.org:99999/", f"https://bob:{SECRET}@[::1/", f"https://bob:{SECRET}#@a.example.org/", f"https://bob:/{SECRET}@a.example.org/",
    f"https://bob:?{SECRET}@a.example.org/", f"bob:{SECRET}@a.example.org:3128", f"ftp://bob:{SECRET}@a.example.org/", f"https://bob:{SECRET} x@a.example.org/",
    f"//bob:{SECRET}@a.example.org", f"https://bob:{SECRET}@", f"https://bob:{SECRET}@a.example.org:x", f"https://bob:x@{SECRET}@a.example.org:x",
])
def test_no_refusal_shows_a_password(url: str, secret: bool) -> None:
    with pytest.raises(Problems) as refused:
        checked(url, "--proxy", secret=secret)
    assert SECRET not in str(refused.value)


def test_an_address_is_shown_without_user_password_query_and_fragment() -> None:
    assert printable(urlsplit(f"https://bob:{SECRET}@a.example.org:8443/b?c={SECRET}#{SECRET}")) == "https://a.example.org:8443/b"


# What belongs to a server

@pytest.mark.parametrize(("server", "path", "url"), [
    (SERVER, "", "https://fhir.example.org/r4"),
    (SERVER, "metadata", "https://fhir.example.org/r4/metadata"),
    (SERVER, "Group?identifier=a%7Cb", "https://fhir.example.org/r4/Group?identifier=a%7Cb"),
    (Base(SERVER.url, slash=True), "", "https://fhir.example.org/r4/"),
    (Base(SERVER.url, slash=True), "metadata", "https://fhir.example.org/r4/metadata"),
])
def test_transactions_go_to_the_base_as_it_was_given(server: Base, path: str, url: str) -> None:
    assert server.to(path) == url


@pytest.mark.parametrize(("url", "origin"), [
    ("https://fhir.example.org/r4", ("https", "fhir.example.org", 443)),
    ("https://fhir.example.org:443/r4", ("https", "fhir.example.org", 443)),
    ("http://localhost/r4", ("http", "localhost", 80)),
    ("http://[::1]:8080/r4", ("http", "::1", 8080)),
])
def test_an_origin_is_scheme_host_and_port(url: str, origin: tuple[str, str, int]) -> None:
    assert base(url).origin == origin


OWN = [
    # what a server says, where it leads
    ("https://fhir.example.org/r4/jobs/1", "https://fhir.example.org/r4/jobs/1"),
    ("https://fhir.example.org/jobs/1?a=b", "https://fhir.example.org/jobs/1?a=b"),
    ("https://fhir.example.org:443/jobs/1", "https://fhir.example.org:443/jobs/1"),
    ("https://FHIR.example.org/jobs/1", "https://FHIR.example.org/jobs/1"),
    ("jobs/1", "https://fhir.example.org/r4/jobs/1"),
    ("/jobs/1", "https://fhir.example.org/jobs/1"),
    ("//fhir.example.org/jobs/1", "https://fhir.example.org/jobs/1"),
    ("../jobs/1", "https://fhir.example.org/jobs/1"),
]


@pytest.mark.parametrize(("said", "url"), OWN)
def test_an_address_on_the_server_itself_is_made_absolute(said: str, url: str) -> None:
    assert SERVER.inside(said) == url
    assert SERVER.owns(url)


ELSEWHERE = [
    "http://fhir.example.org/jobs/1",
    "https://fhir.example.org:8443/jobs/1",
    "https://fhir.example.org.elsewhere.test/jobs/1",
    "https://elsewhere.test/jobs/1",
    "https://elsewhere.test/fhir.example.org/r4",
    "https://fhir.example.org@elsewhere.test/jobs/1",
    "https://fhir.example.org:443@elsewhere.test/jobs/1",
    "//elsewhere.test/jobs/1",
    "ftp://fhir.example.org/jobs/1",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://fhir.example.org:x/jobs/1",
    "https://fhir.example.org:99999/jobs/1",
    "https://[fhir.example.org/jobs/1",
]


@pytest.mark.parametrize("said", ELSEWHERE)
def test_an_address_that_leads_elsewhere_is_none(said: str) -> None:
    assert SERVER.inside(said) is None
    assert not SERVER.owns(said)


TWO_FACED = [r"https://elsewhere.test\@fhir.example.org/jobs/1", r"//elsewhere.test\@fhir.example.org/jobs/1", r"https://elsewhere.test\.fhir.example.org/",
             r"https://elsewhere.test/\@fhir.example.org/", "https://fhir.example.org\\", "\thttps://elsewhere.test/", "https:\t//elsewhere.test/"]


@pytest.mark.parametrize("said", TWO_FACED)
def test_who_reads_an_address_and_who_sends_to_it_agree_on_the_host(said: str) -> None:
    for found in (SERVER.inside(said), said if SERVER.owns(said) else None):
        if found is not None:  # requests asks urllib3 where to connect
            assert parse_url(str(requests.Request("GET", found).prepare().url)).host == "fhir.example.org"


@pytest.mark.parametrize("said", ["https://bob:x@fhir.example.org/jobs/1", "//bob@fhir.example.org/jobs/1"])
def test_a_server_cannot_choose_as_whom_it_is_asked(said: str) -> None:
    assert SERVER.inside(said) is None  # requests would put the user and password in place of our own


LOCATIONS = [
    # the base, the location, type and id and version
    (SERVER, "Group/1", ("Group", "1", None)),
    (SERVER, "/Group/1", ("Group", "1", None)),
    (SERVER, "/r4/Group/1", ("Group", "1", None)),
    (SERVER, "Group/1/_history/2", ("Group", "1", "2")),
    (SERVER, "https://fhir.example.org/r4/Group/1", ("Group", "1", None)),
    (SERVER, "https://fhir.example.org/r4/Group/1/_history/2", ("Group", "1", "2")),
    (SERVER, "https://FHIR.example.org:443/r4/Group/1/_history/2", ("Group", "1", "2")),
    (SERVER, "ResearchStudy/a-B.9/_history/c-D.8", ("ResearchStudy", "a-B.9", "c-D.8")),
    (SERVER, f"Group/{'a' * 64}", ("Group", "a" * 64, None)),
    (base("https://fhir.example.org"), "https://fhir.example.org/Group/1", ("Group", "1", None)),
    (base("http://[::1]:8080/fhir/"), "http://[::1]:8080/fhir/Group/1", ("Group", "1", None)),
    *((SERVER, said, None) for said in (
        "", "Group", "Group/", "Group/1/", "/", "group/1", f"Group/{'a' * 65}", "Group/a_b", "Group/a b", "Group/1/_history", "Group/1/_history/", "Group/1/2",
        "Group/1/_history/2/3", "Group?identifier=a", "Group/1?a=b", "Group/1#a", "Group/$everything", "../Group/1", "//elsewhere.test/Group/1", "Group/é", "Group/1\n",
        "https://fhir.example.org/Group/1", "https://fhir.example.org/r40/Group/1", "https://fhir.example.org/r4/x/Group/1", "https://fhir.example.org/r4Group/1",
        "http://fhir.example.org/r4/Group/1", "https://elsewhere.test/r4/Group/1", "https://fhir.example.org:8443/r4/Group/1", "urn:uuid:00000000-0000-4000-8000-000000000000",
        "https://fhir.example.org/r4/Group/1/\x1b[2J", "Group/1\x1b[2J", "https://fhir.example.org@elsewhere.test/r4/Group/1")),
]


@pytest.mark.parametrize(("server", "said", "found"), LOCATIONS)
def test_where_a_resource_is(server: Base, said: str, found: tuple[str, str, str | None] | None) -> None:
    assert server.located(said) == found
