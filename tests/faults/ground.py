"""The valid Bundle in which every fault is made: what we write of a sample, and what we seldom or never write beside it."""

from __future__ import annotations

from functools import cache
from typing import Any

from converter.convert import read, write
from converter.json_text import encode, parse
from tests.faults.change import Change, add, changed, put
from tests.renew import SAMPLES

SAMPLE = SAMPLES / "ctgov" / "NCT03540472.json"
STUDY, PLAN, GROUP, PROVENANCE = (f"entry[{n}].resource" for n in range(4))
LOCATION, ORGANIZATION = f"{STUDY}.contained{{loc-1}}", f"{STUDY}.contained{{sponsor-1}}"
PRACTITIONER, ROLE = f"{STUDY}.contained{{contact-1}}", f"{STUDY}.contained{{responsible-1}}"
ACTIVITY, CRITERIA = f"{PLAN}.contained{{int-1}}", f"{GROUP}.contained{{any-1}}"
ACTION = f"{PLAN}.action[0]"
UCUM, LOINC = "http://unitsofmeasure.org", "http://loinc.org"
HEMOGLOBIN = {
    "code": {"coding": [{"system": LOINC, "code": "718-7", "display": "Hemoglobin [Mass/volume] in Blood"}]},
    "valueQuantity": {"value": 8, "comparator": "<", "unit": "g/dL", "system": UCUM, "code": "g/dL"},
    "exclude": False,
    "period": {"start": "2018-01-01", "end": "2018-12-31"},
}
PAIN = {"code": {"text": "Pain"}, "valueBoolean": True, "exclude": True}
SOME_OF = {"id": "some", "code": {"text": "Any of"}, "valueReference": {"reference": "#any-1", "display": "Any of"}, "exclude": False}
CONTACT = {
    "telecom": [{"system": "phone", "value": "+86 10 5550 0100", "use": "work", "rank": 1}],
    "address": {"use": "work", "type": "physical", "city": "Beijing", "country": "CN"},
}
DOSE = {"value": 2.5, "unit": "mg", "system": UCUM, "code": "mg"}
TIMING = {"repeat": {"boundsDuration": {"value": 6, "unit": "month", "system": UCUM, "code": "mo"}, "count": 2, "countMax": 4,
                     "duration": 1, "durationMax": 2, "durationUnit": "h", "frequency": 1, "period": 1, "periodMax": 2, "periodUnit": "d",
                     "dayOfWeek": ["mon"], "timeOfDay": ["08:30:00"]}}
LOGO = {"contentType": "image/png", "data": "iVBORw0KGgo=", "title": "Logo", "creation": "2018-05-30T10:20:00+08:00"}
EXTRAS = [
    put(f"{STUDY}.language", "en"),
    put(f"{STUDY}.note", [{"authorString": "A reader", "time": "2018-05-30T10:20:30Z", "text": "Read **twice**."}]),
    put(f"{STUDY}.objective", [{"name": "Efficacy"}]),
    put(f"{LOCATION}.status", "active"),
    put(f"{LOCATION}.mode", "instance"),
    put(f"{LOCATION}.position", {"longitude": 116.25, "latitude": 39.75}),
    put(f"{PRACTITIONER}.gender", "male"),
    put(f"{PRACTITIONER}.birthDate", "1970-01-31"),
    put(f"{PRACTITIONER}.identifier", [{"use": "official", "system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}]),
    put(f"{PRACTITIONER}.photo", [LOGO]),
    put(f"{ROLE}.active", True),
    put(f"{ROLE}.period", {"start": "2010-01", "end": "2020"}),
    put(f"{PLAN}.version", "1"),
    put(f"{PLAN}.date", "2018-05-30"),
    put(f"{PLAN}.experimental", False),
    put(f"{PLAN}.useContext", [{"code": {"system": "http://terminology.hl7.org/CodeSystem/usage-context-type", "code": "focus"},
                                "valueCodeableConcept": {"text": "Anemia"}}]),
    put(f"{PLAN}.goal", [{"id": "goal-1", "description": {"text": "Remission"}, "addresses": [{"text": "Anemia"}]}]),
    put(f"{PLAN}.relatedArtifact", [{"type": "documentation", "document": {"contentType": "application/pdf", "url": "https://a.example/p.pdf"}}]),
    put(f"{ACTION}.goalId", ["goal-1"]),
    put(f"{ACTION}.condition", [{"kind": "applicability", "expression": {"language": "text/fhirpath", "expression": "true"}}]),
    put(f"{ACTION}.trigger", [{"type": "named-event", "name": "start"}]),
    put(f"{ACTION}.participant", [{"type": "practitioner"}]),
    put(f"{ACTION}.timingTiming", TIMING),
    put(f"{ACTIVITY}.participant", [{"type": "patient"}]),
    put(f"{ACTIVITY}.dosage", [{"sequence": 1, "text": "2.5 mg a day", "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                                "doseAndRate": [{"doseQuantity": DOSE, "rateRatio": {"numerator": DOSE, "denominator": {
                                    "value": 1, "unit": "d", "system": UCUM, "code": "d"}}}]}]),
    put(f"{GROUP}.active", True),
    put(f"{GROUP}.quantity", 30),
    add(f"{GROUP}.characteristic", SOME_OF),
    put(f"{PROVENANCE}.occurredPeriod", {"start": "2018-05-30T10:20:00Z", "end": "2018-05-30T10:20:30Z"}),
]
OF_RELEASE = {
    "r4": [
        put(f"{LOCATION}.hoursOfOperation", [{"daysOfWeek": ["mon"], "openingTime": "08:30:00", "closingTime": "17:00:00"}]),
        put(f"{ORGANIZATION}.telecom", CONTACT["telecom"]),
        put(f"{ORGANIZATION}.address", [CONTACT["address"]]),
        put(f"{PRACTITIONER}.photo[0].size", 8),
        put(f"{ACTION}.relatedAction", [{"actionId": "arm-1-int-1", "relationship": "before-start"}]),
        put(f"{ACTION}.input", [{"type": "Observation", "codeFilter": [{"path": "code"}]}]),
        put(f"{ACTIVITY}.dosage[0].asNeededBoolean", True),
        put(f"{GROUP}.contained", [{"resourceType": "Group", "id": "any-1", "type": "person", "actual": False,
                                    "characteristic": [HEMOGLOBIN, PAIN]}]),
    ],
    "r5": [
        put(f"{LOCATION}.hoursOfOperation", [{"availableTime": [{"daysOfWeek": ["mon"], "availableStartTime": "08:30:00"}]}]),
        put(f"{ORGANIZATION}.contact", [CONTACT]),
        put(f"{PRACTITIONER}.photo[0].size", "8"),
        put(f"{ACTION}.relatedAction", [{"targetId": "arm-1-int-1", "relationship": "before-start"}]),
        put(f"{ACTION}.input", [{"requirement": {"type": "Observation", "codeFilter": [{"path": "code"}]}}]),
        put(f"{ACTIVITY}.dosage[0].asNeeded", True),
        put(f"{GROUP}.contained", [{"resourceType": "Group", "id": "any-1", "type": "person", "membership": "definitional",
                                    "characteristic": [HEMOGLOBIN, PAIN]}]),
    ],
}


@cache
def written(release: str) -> bytes:
    """What we write of the sample, with a Provenance, and the rest."""
    tree = parse(write(read(SAMPLE.read_bytes(), "ctgov").trial, release, provenance="2018-05-30T10:20:30Z", criteria="text"))
    extras: list[Change] = [*EXTRAS, *OF_RELEASE[release]]
    for change in parse(encode(extras)):  # copies: a value may stand in several places
        changed(tree, Change(**change))
    return encode(tree)


def ground(release: str) -> Any:
    """The valid Bundle of "r4" or "r5", to be changed at will."""
    return parse(written(release))
