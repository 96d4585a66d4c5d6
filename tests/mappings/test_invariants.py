"""The rules hold and fail where HL7's expressions do; fhirpathpy evaluates those, where it can."""

from __future__ import annotations

import random
from copy import deepcopy
from decimal import Decimal
from typing import Any

import fhirpathpy
import pytest
from fhirpathpy.engine.nodes import ResourceNode
from fhirpathpy.models import models
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings import invariants as rules
from mappings.definitions import definitions
from mappings.invariants import around, entries_by_url, invariant, invariants, references
from tests.mappings.invariant_cases import BESIDE, CASES, Case

RELEASES = ("r4", "r4b", "r5")
UNEVALUATED = {
    ("dom-3", "r4"), ("dom-3", "r4b"),  # as() of a collection
    ("inv-2", "r4b"), ("rng-2", "r4"), ("rng-2", "r4b"),  # no <= of Quantities
    ("per-1", "r5"), ("ratrng-2", "r5"), ("rng-2", "r5"),  # no lowBoundary()
    ("tim-9", "r4"), ("tim-9", "r4b"),  # no collection on the left of in
}
"""Rules that fhirpathpy cannot evaluate in a release; txt-1 and txt-2, whose expression is htmlChecks(), are not rules of ours."""
DIFFERENT = {
    ("adf-0", "r4"): "matches() of a part; nothing of no name",
    ("bdl-8", "r4"): "nothing of no fullUrl; corrected in R4B",
    ("bdl-14", "r5"): "!= of one entry's method only",
    ("bdl-16", "r5"): "= of one issue's severity only",
    ("cnl-0", "r4b"): "matches() of a part",
    ("dom-3", "r5"): "a reference to itself counts; nothing of no id",
    ("evi-0", "r4"): "matches() of a part; nothing of no name",
    ("evv-0", "r4"): "matches() of a part; nothing of no name",
    ("exp-2", "r5"): "matches() of a part",
    ("lib-0", "r4"): "matches() of a part; nothing of no name",
    ("pdf-0", "r4"): "matches() of a part; nothing of no name",
    ("que-0", "r4"): "matches() of a part; nothing of no name",
    ("que-0", "r4b"): "matches() of a part",
    ("que-7", "r4"): "is Boolean, which no element is; corrected in R4B",
    ("que-12", "r4"): "begins with three; corrected in R4B",
    ("per-1", "r4"): "fhirpathpy compares dates as texts",
    ("per-1", "r4b"): "fhirpathpy compares dates as texts",
    ("ref-1", "r4"): "nothing of no reference; corrected in R5",
    ("ref-1", "r4b"): "nothing of no reference; corrected in R5",
}
"""Rules of which our answer is not the expression's in a release, and what the expression says."""

WITHOUT_VALUE = {"age-1", "av-1", "bdl-8", "cnl-0", "ele-1", "exp-2", "per-1", "ref-1", "tim-4", "tim-5"}
"""Rules in which fhirpathpy cannot have a primitive that has extensions and no value."""


def rows() -> list[Any]:
    """The cases, each for every release that has the rule there."""
    return [pytest.param(release, case, id=f"{release} {case.key} {case.path}") for case in CASES for release in case.releases.split()
            if case.key in dict(invariants(release).get(case.path, ()))]


def holds(release: str, case: Case, tree: Any) -> bool:
    """What our function says."""
    return dict(invariants(release)[case.path])[case.key](tree, around(case.root or (tree if isinstance(tree, dict) else {})))


def oracle(release: str, case: Case, tree: Any) -> bool:
    """What fhirpathpy says of the release's expression, which holds when it gives true; hasValue() and resolve() are lent to it."""
    said = invariant(case.key, release).expressions
    expression = next(one for one, where in said.items() if case.path in where)
    held = deepcopy(case.root or tree)
    node = ResourceNode.create_node(deepcopy(tree), "Extension" if "://" in case.path else case.path)
    lent = {
        "hasValue": {"fn": lambda found: [len(found) == 1 and isinstance(found[0], (str, int, Decimal))], "arity": {0: []}},
        "resolve": {"fn": lambda found: [one for reference in found for one in resolved(held, reference)], "arity": {0: []}},
    }
    evaluated = fhirpathpy.compile(expression if release == "r5" else expression.replace("targetId", "actionId"),
                                   models["r5" if release == "r5" else "r4"], {"userInvocationTable": lent, "traceFn": lambda *_: None})
    return evaluated(node, {"resource": held, "rootResource": held, "context": node}) == [True]


def resolved(root: Any, reference: Any) -> list[Any]:
    found = [root] if reference["reference"] == "#" else [one for one in root["contained"] if f"#{one['id']}" == reference["reference"]]
    return [ResourceNode.create_node(one, one["resourceType"]) for one in found]


@pytest.mark.parametrize("release, case", rows())
def test_a_rule_holds_of_what_it_allows_and_fails_of_the_rest(release: str, case: Case) -> None:
    said = [[holds(release, case, tree) for tree in trees] for trees in (case.holding, case.failing)]
    alike = [other for other in CASES if (other.key, other.path) == (case.key, case.path)]
    assert any(other.holding for other in alike) and any(other.failing for other in alike)
    assert said == [[True] * len(case.holding), [False] * len(case.failing)]


@pytest.mark.parametrize("release", RELEASES)
def test_every_rule_has_cases(release: str) -> None:
    tried = {case.key for there, case in (row.values for row in rows()) if there == release}
    assert {key for keys in invariants(release).values() for key, _ in keys} == tried | set(rules.STATED)
    assert {key for key, rule in definitions(release).invariants.items() if rule.severity == "error"} - tried == set(rules.ELSEWHERE)


def can_be_asked(case: Case, trees: list[Any]) -> list[Any]:
    """The elements of which fhirpathpy can be asked."""
    return [tree for tree in trees if case.key not in WITHOUT_VALUE or not any(name.startswith("_") for name in tree)]


def disagreed(release: str, case: Case, trees: list[Any]) -> list[tuple[Any, bool]]:
    """The elements of which fhirpathpy says what we do not."""
    return [(tree, said) for tree in can_be_asked(case, trees) if (said := oracle(release, case, tree)) != holds(release, case, tree)]


ASKED = [row for row in rows() if (row.values[1].key, row.values[0]) not in UNEVALUATED | set(DIFFERENT)]


@pytest.mark.parametrize("release, case", ASKED)
def test_fhirpathpy_says_the_same_of_the_cases(release: str, case: Case) -> None:
    assert disagreed(release, case, case.holding + case.failing) == []


@pytest.mark.parametrize("release, case", [row for row in rows() if (row.values[1].key, row.values[0]) in UNEVALUATED])
def test_what_fhirpathpy_cannot_evaluate_it_still_cannot(release: str, case: Case) -> None:
    with pytest.raises(Exception, match=r"Not implemented|not supported between|[Ee]xpected singleton"):
        disagreed(release, case, case.holding + case.failing)


@pytest.mark.parametrize("key, release", DIFFERENT)
def test_where_we_are_said_to_differ_from_the_expression_we_do(key: str, release: str) -> None:
    here = [case for there, case in (row.values for row in rows()) if there == release and case.key == key]
    assert any(disagreed(release, case, case.holding + case.failing) for case in here)


def test_what_is_listed_is_there() -> None:
    stated = {(key, release) for release in RELEASES for keys in invariants(release).values() for key, _ in keys}
    assert UNEVALUATED | set(DIFFERENT) <= stated and not UNEVALUATED & set(DIFFERENT)
    assert {key for key, _ in stated} >= WITHOUT_VALUE


NEEDED = ("resourceType", "type", "mode", "actual", "url", "operator", "id")
"""Members that are not left out: the specification wants them, and rules give nothing without them."""


def made(chance: random.Random, release: str, case: Case) -> Any:
    """An element of members that the cases of the same place have, put together by chance."""
    trees = [tree for other in CASES if other.path == case.path and release in other.releases.split() for tree in other.holding + other.failing]
    members: dict[str, list[Any]] = {}
    lists = {name for tree in trees for name, value in tree.items() if isinstance(value, list)}
    for name, value in ((name, value) for tree in trees for name, value in tree.items()):
        members.setdefault(name, []).extend(value if name in lists else [value])
    tree: dict[str, Any] = {}
    for name, values in members.items():
        if name in NEEDED or chance.random() < 3 / (2 + len(members)):
            if name not in (*NEEDED, *lists) and name[0] != "_" and not isinstance(values[0], dict) and chance.random() < 0.15:
                tree[f"_{name}"] = BESIDE
            else:
                tree[name] = [chance.choice(values) for _ in range(chance.randint(1, 3))] if name in lists else chance.choice(values)
    return deepcopy(tree)


@pytest.mark.parametrize("release, case", [row for row in ASKED if isinstance((row.values[1].holding + row.values[1].failing)[0], dict)])
def test_fhirpathpy_says_the_same_of_what_chance_makes(release: str, case: Case) -> None:
    chance = random.Random(f"{release} {case.key} {case.path}")
    trees = [made(chance, release, case) for _ in range(20)]
    assert disagreed(release, case, trees) == []


ANY = st.recursive(st.none() | st.booleans() | st.integers(-2, 2) | st.floats(-2, 2) | st.sampled_from(["", "#", "#x", "x", "history", "document", "group", "2020"]),
                   lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(
                       {name for case in CASES for tree in case.holding + case.failing if isinstance(tree, dict) for name in tree} | {"value", "action", "resource"})),
                       inner, max_size=5), max_leaves=12)


@settings(deadline=None)
@given(ANY)
def test_nothing_is_raised_whatever_the_json(tree: Any) -> None:
    where = around(tree if isinstance(tree, dict) else {})
    assert {holds(tree, where.inside({})) for release in RELEASES for keys in invariants(release).values() for _, holds in keys} <= {True, False}
    assert entries_by_url(where.root) is not None


def test_how_deep_json_is_does_not_matter() -> None:
    deep: Any = {"reference": "#l"}
    for _ in range(100_000):
        deep = {"extension": [deep]}
    tree = {"contained": [{"id": "l"}], "extension": [deep]}
    assert references.dom_3(tree, around(tree))
    while "extension" in deep:  # Python itself takes nested objects apart by recursion
        deep = deep.pop("extension")[0]


@pytest.mark.parametrize("tree", [None, 1, "x", [], [{}]])
def test_of_what_is_no_object_every_rule_of_objects_holds(tree: Any) -> None:
    assert [key for release in RELEASES for path, keys in invariants(release).items() if not path.endswith(".url")
            for key, holds in keys if not holds(tree, around({}))] == []


def test_a_rule_without_a_function_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("mappings.invariants.amounts.qty_3")
    with pytest.raises(LookupError) as refused:
        invariants.__wrapped__("r5")
    assert refused.value.args == ("r5: the rule qty-3 of Age has no function",)


def test_the_addresses_are_those_of_the_definitions() -> None:
    defined = {name for release in RELEASES for known in definitions(release).types.values() for name, element in known.elements.items()
               if {"uri", "url", "canonical"} & set(element.types) and "[x]" not in name}
    assert {name for name in defined if not name.endswith(("Canonical", "Uri", "Url"))} | {"reference"} <= references.ADDRESSES
    assert defined | {"reference"} >= references.ADDRESSES


def test_where_rules_stand() -> None:
    said = {path: [key for key, _ in invariants("r5")[path]] for path in ("Quantity", "Bundle.entry", "PlanDefinition.url", "Reference", "Organization.contact")}
    assert said == {"Quantity": ["ele-1", "qty-3"], "Bundle.entry": ["ele-1", "bdl-5", "bdl-8", "entry-url"], "PlanDefinition.url": ["cnl-1", "canonical-url"],
                    "Reference": ["ele-1", "ref-1", "ref-2"], "Organization.contact": ["org-3", "org-4"]}
    assert [key for key, _ in invariants("r4")["PlanDefinition"]] == ["dom-2", "dom-3", "dom-4", "dom-5", "pdf-0", "pld-3", "pld-4"]
    assert invariant("pld-4", "r4").severity == "warning" and invariant("qty-3", "r4").severity == "error"


def test_a_contained_resource_is_itself_and_its_root_is_the_container() -> None:
    held = {"resourceType": "Location", "id": "l"}
    root = {"resourceType": "ResearchStudy", "contained": [held]}
    inside = around(root).inside(held)
    assert (inside.resource, inside.root, inside.contained) == (held, root, {"l": held})
    assert references.ref_1({"reference": "#"}, inside) and references.ref_1({"reference": "#l"}, inside)
    assert not references.ref_1({"reference": "#"}, around(root))


STATED = [
    ("PlanDefinition.url", "canonical-url", "https://a.example/1", True), ("PlanDefinition.url", "canonical-url", "urn:uuid:1", True),
    ("PlanDefinition.url", "canonical-url", "PlanDefinition/1", False), ("PlanDefinition.url", "canonical-url", None, True),
    ("Location.position", "position", {"latitude": 90, "longitude": -180}, True), ("Location.position", "position", {"latitude": 91}, False),
    ("Range", "range-unit", {"low": {"value": 1, "unit": "a"}, "high": {"value": 2, "unit": "b"}}, False), ("Range", "range-unit", {}, True),
    ("Range", "range-unit", {"low": {"value": 1, "unit": "a"}, "high": {"value": 2, "unit": "a"}}, True), ("Range", "range-unit", None, True),
    ("Bundle.entry", "entry-url", {"resource": {}}, False), ("Bundle.entry", "entry-url", {"fullUrl": "urn:x", "resource": {}}, True),
    ("Bundle.entry", "entry-url", {"request": {}}, True), ("Bundle.entry", "entry-url", 1, True),
    ("Location.position", "position", {"longitude": Decimal("-180.1")}, False), ("Location.position", "position", "x", True),
]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("path, key, tree, right", STATED)
def test_rules_that_the_text_states_without_a_key(release: str, path: str, key: str, tree: Any, right: bool) -> None:
    assert dict(invariants(release)[path])[key](tree, rules.around({})) is right
