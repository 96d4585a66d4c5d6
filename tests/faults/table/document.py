"""Faults of the JSON text, and of the resource as a whole   https://hl7.org/fhir/R5/json.html, …/resource.html"""

from typing import Any

from tests.faults.change import Fault, add, drop, fault, of, put, swap
from tests.faults.ground import ACTION, GROUP, LOCATION, PLAN, STUDY

TITLE = '"title":"Tacrolimus Treatment for Refractory PRCA"'


def nested(name: str, depth: int, inner: Any) -> Any:
    """An object in an object, `depth` times, each in a list of that name."""
    for _ in range(depth):
        inner = {"title": "Deeper", name: [inner]}
    return inner


FAULTS: list[Fault] = [
    *of("JSON text", "json.html",
        fault("json-comma-at-the-end", swap('"goalId":["goal-1"]', '"goalId":["goal-1",]'), "Bundle"),
        fault("json-comment", swap(TITLE, f"/* the short one */{TITLE}"), "Bundle"),
        fault("json-single-quotes", swap(TITLE, "'title':'Tacrolimus'"), "Bundle"),
        fault("json-not-a-number", swap('"latitude":39.75', '"latitude":NaN'), "Bundle"),
        fault("json-leading-zero", swap('"latitude":39.75', '"latitude":039.75'), "Bundle"),
        fault("json-half-a-character", swap(TITLE, '"title":"Tacrolimus \\ud83d"'), "Bundle", note="half of a surrogate pair"),
        fault("json-not-utf-8", swap(TITLE, '"title":"Tacrolimus \ud83d"'), "Bundle", note="half a character in raw bytes"),
        fault("json-cut-off", swap('"method":"POST","url":"Provenance"}}]}', '"method":"POST","url":"Prov'), "Bundle"),
        fault("json-raw-tab", swap(TITLE, TITLE.replace(" Treatment", "\tTreatment")), "Bundle"),
        fault("json-two-documents", swap('"method":"POST","url":"Provenance"}}]}', '"method":"POST","url":"Provenance"}}]}{"resourceType":"Bundle"}'),
              "Bundle"),
        ),
    *of("duplicate JSON keys", "json.html",
        fault("same-member-twice", swap(TITLE, f'"title":"Another",{TITLE}'), f"{STUDY}.title", note="the last one counts, without a word, in most parsers"),
        fault("same-member-twice-alike", swap(TITLE, f"{TITLE},{TITLE}"), f"{STUDY}.title"),
        fault("same-member-twice-below", swap('"longitude":116.25', '"longitude":16.25,"longitude":116.25'), f"{LOCATION}.position.longitude"),
        fault("resource-type-twice", swap('"resourceType":"Group"', '"resourceType":"Group","resourceType":"Group"'), f"{GROUP}.resourceType"),
        ),
    *of("resource type", "json.html",
        fault("resource-type-missing", drop(f"{GROUP}.resourceType"), GROUP),
        fault("resource-type-misspelled", put(f"{STUDY}.resourceType", "ResearchStudies"), f"{STUDY}.resourceType"),
        fault("resource-type-in-lower-case", put(f"{GROUP}.resourceType", "group"), f"{GROUP}.resourceType"),
        fault("resource-type-abstract", put(f"{GROUP}.resourceType", "DomainResource"), f"{GROUP}.resourceType"),
        fault("resource-type-of-r5", put(f"{STUDY}.contained{{sponsor-1}}.resourceType", "Transport"), only="r4"),
        fault("resource-type-of-r4", put(f"{STUDY}.contained{{sponsor-1}}.resourceType", "DocumentManifest"), only="r5"),
        fault("resource-is-null", put(STUDY, None), STUDY),
        fault("resource-is-a-list", put("entry[0].resource", [{"resourceType": "Basic"}]), STUDY),
        ),
    *of("empty and null", "json.html#null",
        fault("empty-list", put(f"{STUDY}.keyword", [])),
        fault("empty-list-of-primitives", put(f"{ACTION}.timingTiming.repeat.timeOfDay", [])),
        fault("empty-object", put(f"{STUDY}.period", {})),
        fault("empty-object-in-a-list", add(f"{STUDY}.condition", {}), f"{STUDY}.condition[1]"),
        fault("empty-object-deep", put(f"{LOCATION}.address", {"period": {}}), f"{LOCATION}.address.period"),
        fault("null-member", put(f"{STUDY}.title", None)),
        fault("null-in-a-list-of-objects", add(f"{STUDY}.identifier", None), f"{STUDY}.identifier"),
        fault("null-in-a-list-of-texts", put(f"{LOCATION}.alias", ["A", None]), f"{LOCATION}.alias"),
        fault("element-with-an-id-alone", put(f"{STUDY}.period", {"id": "p"}), f"{STUDY}.period", section="element.html ele-1"),
        fault("primitive-with-an-id-alone", put(f"{PLAN}._publisher", {"id": "p"}), f"{PLAN}._publisher", section="element.html ele-1"),
        fault("contained-is-empty", put(f"{PLAN}.contained", []), section="json.html", note="and nothing is there for #int-1"),
        ),
    *of("shape of values", "json.html",
        fault("text-as-a-list", put(f"{STUDY}.title", ["A title"])),
        fault("text-as-an-object", put(f"{STUDY}.title", {"value": "A title"}), note="as in XML"),
        fault("object-as-a-text", put(f"{STUDY}.phase", "Phase 4")),
        fault("object-for-a-list", put(f"{STUDY}.identifier", {"system": "http://clinicaltrials.gov", "value": "NCT03540472"})),
        fault("list-for-an-object", put(f"{STUDY}.period", [{"start": "2018"}])),
        fault("list-in-a-list", put(f"{STUDY}.keyword", [[{"text": "anemia"}]]), f"{STUDY}.keyword"),
        fault("code-is-no-list", put(f"{ACTION}.code", {"text": "Arm"}), only="r4"),
        fault("code-is-a-list", put(f"{ACTION}.code", [{"text": "Arm"}]), only="r5"),
        fault("beside-a-complex-element", put(f"{STUDY}._period", {"id": "p"}), section="json.html#primitive"),
        fault("beside-with-a-value", put(f"{STUDY}._title", {"value": "A title"}), section="json.html#primitive"),
        fault("beside-a-list-longer", put(f"{LOCATION}._alias", [None, {"id": "second"}]), f"{LOCATION}._alias", section="json.html#primitive",
              note="there is no alias at all that the null could stand for"),
        fault("bundle-in-a-bundle", put(f"{GROUP}.contained[0]", {"resourceType": "Bundle", "id": "any-1", "type": "collection"}),
              f"{GROUP}.contained[0]", section="references.html#contained"),
        fault("bundle-in-an-entry", put(GROUP, {"resourceType": "Bundle", "type": "collection"}), GROUP, section="bundle.html",
              note="legal for a server of Bundles; no part of a trial"),
        ),
    *of("depth", "no section",
        fault("actions-in-actions", put(f"{ACTION}.action[0].action", [nested("action", 300, {"title": "Deepest"})]), f"{ACTION}.action[0]",
              note="the specification has no bound; parsers and databases do"),
        ),
]
