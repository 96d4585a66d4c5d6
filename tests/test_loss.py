"""What a document says that does not come back, at which path, with which reason."""

import json
from decimal import Decimal

import pytest

from converter.json_text import encode
from converter.loss import EMPTY, NOT_CARRIED, Loss, count, count_in, lost

CASES = [
    # before, after, what is lost
    ({"a": 1}, {"a": 1}, []),
    ({"a": 1, "b": {"c": 2, "d": [3, 4]}}, {"a": 1}, [Loss("b", NOT_CARRIED, count=3)]),
    ({"a": "x"}, {"a": "y"}, [Loss("a", "comes back as 'y'", "x", after="y")]),
    ({"a": True}, {"a": 1}, [Loss("a", "comes back as 1", True, after=1)]),
    ({"a": Decimal("39.90")}, {"a": Decimal("39.9")}, [Loss("a", "comes back as 39.9", Decimal("39.90"), after=Decimal("39.9"))]),
    ({"a": [], "b": {}}, {}, [Loss("a", EMPTY, []), Loss("b", EMPTY, {})]),
    ({"a": []}, {"a": [1]}, [Loss("a", EMPTY, [])]),
    ({"a": {"b": {"c": {}}}}, {}, [Loss("a.b.c", EMPTY, {})]),
    ({"a": [1, 2, 3]}, {"a": [3, 1]}, [Loss("a[1]", NOT_CARRIED, 2)]),
    ({"a.b": 1, "c d": 2}, {}, [Loss("['a.b']", NOT_CARRIED, 1), Loss("['c d']", NOT_CARRIED, 2)]),
    # an entry is compared with the one it has most in common with, wherever that stands
    ({"a": [{"label": "L", "url": {}}]}, {"a": [{"label": "L"}]}, [Loss("a[0].url", EMPTY, {})]),
    ({"a": [{}, {"id": "D1", "term": []}]}, {"a": [{"id": "D1"}]}, [Loss("a[0]", EMPTY, {}), Loss("a[1].term", EMPTY, [])]),
    ({"a": [{"k": "1", "v": "x", "w": 5}, {"k": "2", "v": "y"}]}, {"a": [{"k": "2", "v": "y"}, {"k": "1", "v": "x"}]},
     [Loss("a[0].w", NOT_CARRIED, 5)]),
]


@pytest.mark.parametrize(("before", "after", "expected"), CASES)
def test_lost(before, after, expected):
    assert list(lost(before, after)) == expected


@pytest.mark.parametrize("tree", [
    {}, [], {"a": []}, ["a"], ["a", "b"], {"a": "b"}, {"a": {"b": [{}, [], 1]}}, ['a\\', '"', '\\"', "{}", "[],,"], [[["x"]]], {"{}": None},
    [1], {"a": [True], "b": "x,y", ",": -1.5, "": ",\\"}, [[2], {}, "],["]])
def test_count_of_a_text_is_the_count_of_what_it_says(tree):
    for text in (encode(tree), json.dumps(tree, indent=3).encode()):
        assert count_in(text) == count(tree)


def test_count():
    assert count({"a": [1, {"b": None}], "c": {}, "d": [], "e": "x"}) == 3
