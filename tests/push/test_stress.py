"""Records through a bad network, by a program that is killed again and again: the server holds each once and whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.proxy import AT_RANDOM, at_random
from tests.faults.scripted import Request
from tests.push.stress import KINDS, numbered, stressed
from tests.servers import Server

RECORDS, BEGIN = 100, 71_000_000
"""How many, and from which number on: no other test has these."""


@pytest.mark.servers
def test_whatever_the_network_does_and_however_often_it_is_killed_each_record_is_there_once(hapi_r4: Server, tmp_path: Path) -> None:
    (records := tmp_path / "records.ndjson").write_bytes(b"\n".join(numbered(RECORDS, BEGIN)) + b"\n")
    held = stressed(hapi_r4.url, records, tmp_path / "push.journal", kills=10, share=0.2)
    assert held.counts == dict.fromkeys(KINDS, RECORDS)
    assert held.wrong == ()
    assert held.kills == 10
    assert 0.1 < sum(held.faults.values()) / held.requests < 0.3
    assert len(held.faults) >= len({fault.name for fault in AT_RANDOM}) / 2
    lines = [json.loads(line) for line in whole(tmp_path / "push.journal")]
    assert len({line["key"] for line in lines}) == RECORDS
    assert len({line["run"] for line in lines}) <= held.runs
    last = {line["key"]: line["outcome"] for line in lines}
    assert set(last.values()) <= {"created", "updated", "unchanged"}


def whole(journal: Path) -> Iterator[bytes]:
    """The lines of a journal but those that were torn by a kill."""
    for line in journal.read_bytes().splitlines():
        if line.endswith(b"}") and line.startswith(b'{"run":"'):
            yield line


def test_records_have_numbers_of_their_own_and_are_like_the_samples() -> None:
    records = list(map(json.loads, numbered(25, 100)))
    assert [one["protocolSection"]["identificationModule"]["nctId"] for one in records] == [f"NCT{100 + n:08}" for n in range(25)]
    assert len({one["protocolSection"]["identificationModule"]["briefTitle"] for one in records}) == 10


def test_the_share_of_requests_that_fails_is_the_one_that_is_asked_for() -> None:
    faults = at_random(0.2, seed=1)
    found = [faults(Request(n, "", "GET", "/fhir", {}, None)) for n in range(2000)]  # type: ignore[arg-type]
    failed = [one for one in found if one]
    assert 0.17 < len(failed) / len(found) < 0.23
    assert {one.name for one in failed} == {one.name for one in AT_RANDOM}
