"""For each rule: where it stands, what holds, what does not; the same in every release that has it there, or in those named."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

HL7 = "http://hl7.org/fhir/StructureDefinition/"
UCUM = "http://unitsofmeasure.org"
EXTENSION = [{"url": "https://a.example/x", "valueString": "x"}]
BESIDE = {"extension": EXTENSION}
"""What stands beside a primitive that has no value."""


class Case(Struct, frozen=True):
    """Elements on which a rule stands.  A `root` is the resource that holds them; without one they are the resource."""

    key: str
    path: str
    holding: list[Any]
    failing: list[Any]
    releases: str = "r4 r4b r5"
    root: dict[str, Any] | None = None


def amount(value: Any, unit: str = "a") -> Any:
    return {"value": value, "system": UCUM, "code": unit}


def entry(**members: Any) -> Any:
    return {"fullUrl": "urn:uuid:1", **members}


def bundle(kind: str, *entries: Any, **members: Any) -> Any:
    return {"resourceType": "Bundle", "type": kind, **({"entry": list(entries)} if entries else {}), **members}


def resource(kind: str = "Group", **members: Any) -> Any:
    return {"resourceType": kind, **members}


def study(*contained: Any, **members: Any) -> Any:
    return {"resourceType": "ResearchStudy", "status": "active", "contained": list(contained), **members}


def place(**members: Any) -> Any:
    return {"resourceType": "Location", "id": "l", **members}


def document(**members: Any) -> Any:
    return bundle("document", {"resource": resource("Composition", id="1")}, **members)


GROUP, ASK, ANSWER = resource(id="1"), {"method": "PUT", "url": "Group/1"}, {"status": "200"}
OUTCOME = resource("OperationOutcome", id="o", issue=[{"severity": "warning"}])
GET, PATCH = {"method": "GET", "url": "Group/1"}, {"method": "PATCH", "url": "Group/1"}
HELD = study(place(), resource("Practitioner", id="p"), resource("PractitionerRole", id="r", practitioner={"reference": "#p"},
             organization={"reference": "#o"}), resource("Organization", id="o"))
WHO = {"reference": "#o"}

CASES = [
    # datatypes
    Case("ele-1", "Period", [{"start": "2020"}, BESIDE, {"_start": BESIDE}], [{"id": "x"}, {}]),
    Case("ext-1", "Extension", [{"url": "u", "valueString": "x"}, {"url": "u", "extension": EXTENSION}, {"url": "u", "_valueString": BESIDE},
                                {"url": "u", "valueAge": {"value": 1}}],
         [{"url": "u"}, {"url": "u", "extension": EXTENSION, "valueBoolean": False}]),
    Case("att-1", "Attachment", [{"url": "u"}, {"data": "eA==", "contentType": "text/plain"}, {"data": "eA==", "_contentType": BESIDE}],
         [{"data": "eA=="}, {"_data": BESIDE}]),
    Case("cpt-2", "ContactPoint", [{"system": "phone", "value": "1"}, {"use": "home"}], [{"value": "1"}]),
    Case("drq-1", "DataRequirement.codeFilter", [{"path": "code"}, {"searchParam": "code"}], [{"valueSet": "v"}, {"path": "a", "searchParam": "b"}]),
    Case("drq-2", "DataRequirement.dateFilter", [{"path": "date"}, {"searchParam": "date"}], [BESIDE, {"path": "a", "searchParam": "b"}]),
    Case("exp-1", "Expression", [{"language": "text/cql", "expression": "x"}, {"language": "text/cql", "reference": "u"}], [{"language": "text/cql"}]),
    Case("exp-2", "Expression", [{"name": "a_1", "expression": "x"}, {"expression": "x"}, {"_name": BESIDE}],
         [{"name": "1"}, {"name": "1a"}, {"name": "a b"}]),
    Case("trd-1", "TriggerDefinition", [{"type": "periodic", "timingDate": "2020"}, {"type": "data-added", "data": [{"type": "Group"}]}],
         [{"type": "periodic", "timingTiming": {"event": ["2020"]}, "data": [{"type": "Group"}]}]),
    Case("trd-2", "TriggerDefinition", [{"type": "data-added", "data": [{"type": "Group"}], "condition": {"expression": "x"}}],
         [{"type": "named-event", "name": "x", "condition": {"expression": "x"}}]),
    Case("trd-3", "TriggerDefinition", [{"type": "named-event", "name": "x"}, {"type": "periodic", "timingDate": "2020"},
                                        {"type": "data-added", "data": [{"type": "Group"}]}],
         [{"type": "named-event"}, {"type": "periodic", "name": "x"}, {"type": "data-added"}]),
    # amounts
    Case("qty-3", "Quantity", [{"value": 1}, amount(1), {"code": "a", "_system": BESIDE}], [{"value": 1, "code": "a"}, {"_code": BESIDE}]),
    Case("qty-3", "Duration", [amount(1)], [{"value": 1, "code": "a"}]),
    Case("age-1", "Age", [amount(1), amount(0.5), {"code": "a", "system": UCUM}, {"system": UCUM}, {"code": "a", "_value": BESIDE}],
         [amount(0), amount(-1), {"value": 1, "system": UCUM}, {"value": 1, "code": "a", "system": "http://a.example"}]),
    Case("cnt-3", "Count", [amount(3, "1"), {"code": "1"}, {"system": UCUM}], [amount(3), amount(1.5, "1"), {"value": 3, "system": UCUM}]),
    Case("dis-1", "Distance", [amount(3, "m"), {"unit": "m"}], [{"value": 3, "system": UCUM}, {"value": 1, "code": "m", "system": "http://a.example"}]),
    Case("drt-1", "Duration", [amount(3), {"value": 3}, {"value": 3, "unit": "years"}],
         [{"value": 3, "code": "a", "system": "http://a.example"}, {"code": "a", "system": UCUM}, {"value": 3, "code": "a"}], "r4 r5"),
    Case("drt-1", "Duration", [amount(3), {"code": "a"}, {"unit": "years"}],
         [{"value": 3}, {"value": 3, "code": "a", "system": "http://a.example"}, {"value": 3, "system": UCUM}], "r4b"),
    Case("rng-2", "Range", [{"low": amount(1), "high": amount(2)}, {"low": amount(2), "high": amount(2)}, {"low": amount(1)}, {"high": amount(1)},
                            {"low": {"value": 1, "unit": "years"}, "high": {"value": 2, "unit": "years"}},
                            {"low": amount(18), "high": amount(900, "mo")}, {"low": amount(3, "kg"), "high": amount(2, "g")}],
         [{"low": amount(18), "high": amount(9, "mo")}, {"low": {"value": 5, "unit": "years"}, "high": {"value": 2, "unit": "years"}}, {"low": amount(4), "high": amount(2)}, {"low": amount(1.5), "high": amount(-1)}]),
    Case("rat-1", "Ratio", [{"numerator": amount(1), "denominator": amount(2)}, BESIDE], [{"numerator": amount(1)}, {"denominator": amount(1)}, {"id": "x"}]),
    Case("ratrng-1", "RatioRange", [{"lowNumerator": amount(1), "denominator": amount(1)}, {"highNumerator": amount(1), "denominator": amount(1)}, BESIDE],
         [{"denominator": amount(1)}, {"lowNumerator": amount(1)}, {"id": "x"}]),
    Case("inv-1", "RatioRange", [{"lowNumerator": amount(1), "denominator": amount(1)}, {"highNumerator": amount(1), "denominator": amount(1)}, BESIDE],
         [{"denominator": amount(1)}, {"lowNumerator": amount(1)}, {"id": "x"}]),
    Case("inv-2", "RatioRange", [{"lowNumerator": amount(1), "highNumerator": amount(2)}, {"lowNumerator": amount(1)}],
         [{"lowNumerator": amount(3), "highNumerator": amount(2)}]),
    Case("ratrng-2", "RatioRange", [{"lowNumerator": amount(1), "highNumerator": amount(2)}, {"lowNumerator": amount(1)}],
         [{"lowNumerator": amount(3), "highNumerator": amount(2)}]),
    Case("sdd-1", "SampledData", [{"interval": 1, "dimensions": 1}, {"offsets": "1 2"}], [{"dimensions": 1}, {"interval": 1, "offsets": "1 2"}]),
    # times
    Case("per-1", "Period", [{"start": "2020", "end": "2020-03"}, {"start": "2020-03", "end": "2020"},
                             {"start": "2020-01-01", "end": "2020-01-01T09:00:00Z"}], [{"start": "2020-03", "end": "2020-02"}], "r5"),
    Case("per-1", "Period", [{"start": "2020-02", "end": "2020-03-15"}],
         [{"start": "2020", "end": "2020-03"}, {"start": "2020-03", "end": "2020"}, {"start": "2020-01-01", "end": "2020-01-01T09:00:00Z"}], "r4 r4b"),
    Case("per-1", "Period", [{"start": "2020-01-02", "end": "2020-01-02"}, {"start": "2020", "end": "2021-03"},
                             {"start": "2020-01-02"}, {"end": "2020"}, {"start": "2020-01-02", "_end": BESIDE},
                             {"start": "2020-01-01T10:00:00+02:00", "end": "2020-01-01T09:00:00Z"},
                             {"start": "2020-01-01T10:00:00", "end": "2020-01-01T09:00:00Z"}],
         [{"start": "2020-03", "end": "2020-02-27"}, {"start": "2021", "end": "2020-12-31"}, {"start": "2020-01-02", "end": "2020-01-01"},
          {"start": "2020-01-01T10:00:00Z", "end": "2020-01-01T09:00:00.5Z"}, {"start": "2020-01-02", "end": "2020-01-01T09:00:00Z"}]),
    Case("tim-1", "Timing.repeat", [{"duration": 1, "durationUnit": "h"}, {"count": 1}], [{"duration": 1}]),
    Case("tim-2", "Timing.repeat", [{"period": 1, "periodUnit": "h"}, {"count": 1}], [{"period": 1}]),
    Case("tim-4", "Timing.repeat", [{"duration": 1}, {"duration": 0}, {"count": 1}], [{"duration": -1}, {"duration": -0.5}]),
    Case("tim-5", "Timing.repeat", [{"period": 1}, {"period": 0}, {"count": 1}], [{"period": -1}]),
    Case("tim-6", "Timing.repeat", [{"period": 1, "periodMax": 2}, {"count": 1}], [{"periodMax": 2}]),
    Case("tim-7", "Timing.repeat", [{"duration": 1, "durationMax": 2}, {"count": 1}], [{"durationMax": 2}]),
    Case("tim-8", "Timing.repeat", [{"count": 1, "countMax": 2}, {"period": 1}], [{"countMax": 2}]),
    Case("tim-9", "Timing.repeat", [{"offset": 5, "when": ["AC"]}, {"offset": 5, "when": ["AC", "PC"]}, {"when": ["C"]}],
         [{"offset": 5}, {"offset": 5, "when": ["C"]}, {"offset": 5, "when": ["AC", "CD"]}]),
    Case("tim-10", "Timing.repeat", [{"timeOfDay": ["10:00:00"]}, {"when": ["AC"]}], [{"timeOfDay": ["10:00:00"], "when": ["AC"]}]),
    Case("dos-1", "Dosage", [{"asNeeded": True, "asNeededFor": [{"text": "x"}]}, {"asNeededFor": [{"text": "x"}]}, {"asNeeded": False}],
         [{"asNeeded": False, "asNeededFor": [{"text": "x"}]}]),
    Case("av-1", "Availability.availableTime", [{"allDay": True}, {"allDay": False, "availableStartTime": "10:00:00"}, {"availableEndTime": "10:00:00"}],
         [{"allDay": True, "availableStartTime": "10:00:00"}, {"allDay": True, "availableEndTime": "10:00:00"}]),
    # references and contained resources
    Case("ref-1", "Reference", [{"reference": "#l"}, {"reference": "Location/l"}, {"display": "x"}], [{"reference": "#m"}, {"reference": "#"}], root=HELD),
    Case("ref-2", "Reference", [{"reference": "#l"}, {"display": "x"}, {"identifier": {"value": "x"}}, BESIDE], [{"type": "Location"}, {"id": "x"}]),
    Case("dom-2", "ResearchStudy", [study(place())], [study(place(contained=[place()]))]),
    Case("dom-3", "ResearchStudy", [
        study(place(), site=[{"reference": "#l"}]),
        study(place(), extension=[{"url": "u", "valueReference": {"reference": "#l"}}]),
        study(place(), extension=[{"url": "u", "extension": [{"url": "v", "valueReference": {"reference": "#l"}}]}]),
        study(place(), resource("PlanDefinition", id="p", extension=[{"url": "u", "valueReference": {"reference": "#"}}],
                                action=[{"definitionCanonical": "#l"}])),
        study(place(), resource("Group", id="g", managingEntity={"reference": "#l"}), enrollment=[{"reference": "#g"}]),
        study(place(managingOrganization={"reference": "#"})),
        study(place(extension=[{"url": "u", "valueCanonical": "#"}])),
        resource("ResearchStudy", status="active"),
    ], [study(place()), study(place(), title="#l"), study(place(partOf={"reference": "#l"})), study(resource("Location")),
        study(place(), extension=[{"url": "u", "valueString": "#l"}]), study(place(), site=[{"reference": "Location/l"}]), study(place(), place(id="m"), site=[{"reference": "#l"}]),
        study(place(), extension=[{"url": "u", "valueReference": {"display": "l"}}])]),
    Case("dom-4", "ResearchStudy", [study(place(meta={"profile": ["u"]}))], [study(place(meta={"versionId": "1"})),
                                                                              study(place(meta={"lastUpdated": "2020-01-01T00:00:00Z"}))]),
    Case("dom-5", "ResearchStudy", [study(place(meta={"tag": [{"code": "x"}]}))], [study(place(meta={"security": [{"code": "R"}]}))]),
    Case("prov-1", "Provenance.agent", [{"who": WHO, "onBehalfOf": {"reference": "#p"}}, {"who": WHO}, {"who": {"reference": "Group/1"}}],
         [{"who": WHO, "onBehalfOf": WHO}, {"who": {"reference": "#"}, "onBehalfOf": {"reference": "#"}}], root=HELD),
    Case("prov-2", "Provenance.agent", [{"who": WHO, "onBehalfOf": {"reference": "#p"}}, {"who": {"reference": "#r"}, "onBehalfOf": WHO}],
         [{"who": {"reference": "#r"}, "onBehalfOf": {"reference": "#p"}}], root=HELD),
    Case("prov-3", "Provenance.agent", [{"who": WHO, "onBehalfOf": {"reference": "#p"}}, {"who": {"reference": "#p"}, "onBehalfOf": {"reference": "#r"}}],
         [{"who": WHO, "onBehalfOf": {"reference": "#r"}}], root=HELD),
    # Bundles
    Case("bdl-1", "Bundle", [bundle("searchset", total=1), bundle("history", total=0), bundle("collection")], [bundle("collection", total=1)]),
    Case("bdl-2", "Bundle", [bundle("searchset", entry(search={"mode": "match"})), bundle("batch", entry())],
         [bundle("batch", entry(), entry(search={"mode": "match"}))]),
    Case("bdl-3", "Bundle", [bundle("transaction", entry(request=ASK)), bundle("collection", entry(resource=GROUP)), bundle("batch")],
         [bundle("transaction", entry(request=ASK), entry(resource=GROUP)), bundle("collection", entry(request=ASK))]),
    Case("bdl-3a", "Bundle", [bundle("collection", entry(resource=GROUP)), bundle("transaction", entry(request=ASK)), bundle("document")],
         [bundle("collection", entry()), bundle("message", entry(resource=GROUP, request=ASK)), bundle("searchset", entry(resource=GROUP, response=ANSWER))]),
    Case("bdl-3b", "Bundle", [bundle("history", entry(resource=GROUP, request=ASK, response=ANSWER)), bundle("history", entry(request=GET, response=ANSWER))],
         [bundle("history", entry(resource=GROUP, request=ASK)), bundle("history", entry(request=ASK, response=ANSWER)),
          bundle("history", entry(resource=GROUP, request=GET, response=ANSWER))]),
    Case("bdl-3c", "Bundle", [bundle("transaction", entry(resource=GROUP, request=ASK)), bundle("batch", entry(request=GET))],
         [bundle("transaction", entry(request=ASK)), bundle("batch", entry(resource=GROUP, request=GET)), bundle("batch", entry(resource=GROUP))]),
    Case("bdl-3d", "Bundle", [bundle("batch-response", entry(response=ANSWER)), bundle("batch", entry())], [bundle("batch-response", entry(resource=GROUP))]),
    Case("bdl-4", "Bundle", [bundle("batch-response", entry(response=ANSWER)), bundle("batch", entry())],
         [bundle("batch-response", entry()), bundle("batch", entry(response=ANSWER))]),
    Case("bdl-5", "Bundle.entry", [entry(resource=GROUP), entry(request=ASK), entry(response=ANSWER)], [entry(), entry(search={"mode": "match"})]),
    Case("bdl-7", "Bundle", [bundle("batch", entry(), {"fullUrl": "urn:uuid:2"}, {}, {}), bundle("history", entry(), entry()),
                             bundle("batch", entry(resource=resource(meta={"versionId": "1"})), entry(resource=resource(meta={"versionId": "2"})), entry())],
         [bundle("batch", entry(), entry()), bundle("batch", *[entry(resource=resource(meta={"versionId": "1"}))] * 2)]),
    Case("bdl-8", "Bundle.entry", [entry(), {}, {"fullUrl": "https://a.example/Group/1"}], [{"fullUrl": "https://a.example/Group/1/_history/2"}]),
    Case("bdl-9", "Bundle", [bundle("document", identifier={"system": "u", "value": "x"}), bundle("batch")],
         [bundle("document"), bundle("document", identifier={"value": "x"}), bundle("document", identifier={"system": "u"})]),
    Case("bdl-10", "Bundle", [bundle("document", timestamp="2020-01-01T00:00:00Z"), bundle("batch")],
         [bundle("document"), bundle("document", _timestamp=BESIDE)]),
    Case("bdl-11", "Bundle", [document(), bundle("batch", entry(resource=GROUP))], [bundle("document", entry(resource=GROUP)), bundle("document")]),
    Case("bdl-12", "Bundle", [bundle("message", {"resource": resource("MessageHeader", id="1")}), bundle("batch")],
         [bundle("message", entry(resource=GROUP)), bundle("message", entry())]),
    Case("bdl-13", "Bundle", [bundle("subscription-notification", {"resource": resource("SubscriptionStatus", id="1")}), bundle("batch")],
         [bundle("subscription-notification", entry(resource=GROUP))]),
    Case("bdl-14", "Bundle", [bundle("history", entry(request=ASK)), bundle("batch", entry(request=PATCH)), bundle("history", entry(request=ASK), entry(request=GET))],
         [bundle("history", entry(request=PATCH)), bundle("history", entry(request=ASK), entry(request=PATCH))]),
    Case("bdl-15", "Bundle", [bundle("collection", entry(resource=GROUP)), bundle("batch", {"resource": GROUP}),
                              bundle("history", {"request": {"method": "POST", "url": "Group"}})],
         [bundle("collection", entry(resource=GROUP), {"resource": GROUP}), bundle("history", {"request": ASK})]),
    Case("bdl-16", "Bundle", [bundle("batch"), *[bundle("batch", issues=resource("OperationOutcome", issue=[{"severity": severity}]))
                                                 for severity in ("information", "warning")],
                              bundle("batch", issues=resource("OperationOutcome", issue=[{"severity": "warning"}, {"severity": "information"}]))],
         [bundle("batch", issues=resource("OperationOutcome", issue=[{"severity": "error"}])),
          bundle("batch", issues=resource("OperationOutcome", issue=[{"severity": "warning"}, {"severity": "fatal"}]))]),
    Case("bdl-17", "Bundle", [document(), bundle("batch", issues=OUTCOME)], [document(issues=OUTCOME)]),
    Case("bdl-18", "Bundle", [bundle("searchset", link=[{"relation": "next", "url": "u"}, {"relation": "self", "url": "u"}]), bundle("batch")],
         [bundle("searchset"), bundle("searchset", link=[{"relation": "next", "url": "u"}])]),
    # Questionnaires
    Case("que-1", "Questionnaire.item", [{"type": "group", "item": [{"linkId": "1", "type": "date"}]}, {"type": "display"}, {"type": "date"}],
         [{"type": "group"}, {"type": "display", "item": [{"linkId": "1"}]}]),
    Case("que-1a", "Questionnaire.item", [{"type": "group", "item": [{"linkId": "1", "type": "date"}]}, {"type": "date"}], [{"type": "group"}],
         root=resource("Questionnaire", status="complete")),
    Case("que-1c", "Questionnaire.item", [{"type": "display"}, {"type": "group"}], [{"type": "display", "item": [{"linkId": "1"}]}]),
    Case("que-2", "Questionnaire", [resource("Questionnaire", item=[{"linkId": "1", "item": [{"linkId": "1.1"}]}, {"linkId": "2"}])],
         [resource("Questionnaire", item=[{"linkId": "1", "item": [{"linkId": "1"}]}]), resource("Questionnaire", item=[{"linkId": "1"}, {"linkId": "1"}])]),
    Case("que-3", "Questionnaire.item", [{"type": "display"}, {"type": "date", "code": [{"code": "x"}]}], [{"type": "display", "code": [{"code": "x"}]}]),
    Case("que-4", "Questionnaire.item", [{"type": "string", "answerOption": [{"valueString": "x"}]}, {"type": "string", "answerValueSet": "u"}],
         [{"type": "string", "answerOption": [{"valueString": "x"}], "answerValueSet": "u"}]),
    Case("que-5", "Questionnaire.item", [{"type": "string", "answerValueSet": "u"}, {"type": "boolean"}],
         [{"type": "boolean", "answerValueSet": "u"}, {"type": "text", "answerOption": [{"valueString": "x"}]}]),
    Case("que-5", "Questionnaire.item", [{"type": "open-choice", "answerValueSet": "u"}], [{"type": "group", "answerValueSet": "u"}], "r4 r4b"),
    Case("que-5", "Questionnaire.item", [{"type": "coding", "answerValueSet": "u"}], [{"type": "group", "answerValueSet": "u"}], "r5"),
    Case("que-6", "Questionnaire.item", [{"type": "display"}, {"type": "date", "required": True, "repeats": True}],
         [{"type": "display", "required": False}, {"type": "display", "repeats": True}]),
    Case("que-7", "Questionnaire.item.enableWhen", [{"operator": "exists", "answerBoolean": False}, {"operator": "=", "answerInteger": 1}],
         [{"operator": "exists", "answerInteger": 1}]),
    Case("que-8", "Questionnaire.item", [{"type": "date", "initial": [{"valueDate": "2020"}]}, {"type": "group"}],
         [{"type": "group", "initial": [{"valueDate": "2020"}]}, {"type": "display", "initial": [{"valueDate": "2020"}]}]),
    Case("que-9", "Questionnaire.item", [{"type": "date", "readOnly": True}, {"type": "display"}], [{"type": "display", "readOnly": False}]),
    Case("que-10", "Questionnaire.item", [{"type": "string", "maxLength": 1}, {"type": "date"}], [{"type": "date", "maxLength": 1}]),
    Case("que-10", "Questionnaire.item", [{"type": "open-choice", "maxLength": 1}], [{"type": "choice", "maxLength": 1}], "r4 r4b"),
    Case("que-10", "Questionnaire.item", [{"type": "coding", "maxLength": 1, "answerConstraint": "optionOrString"}], [{"type": "coding", "maxLength": 1}], "r5"),
    Case("que-11", "Questionnaire.item", [{"answerOption": [{"valueInteger": 1}]}, {"initial": [{"valueInteger": 1}]}],
         [{"answerOption": [{"valueInteger": 1}], "initial": [{"valueInteger": 1}]}]),
    Case("que-12", "Questionnaire.item", [{"enableWhen": [{"question": "1"}] * 2, "enableBehavior": "all"}, {"enableWhen": [{"question": "1"}]}, {"type": "date"}],
         [{"enableWhen": [{"question": "1"}] * 2}, {"enableWhen": [{"question": "1"}] * 3}]),
    Case("que-13", "Questionnaire.item", [{"repeats": True, "initial": [{"valueInteger": 1}] * 2}, {"initial": [{"valueInteger": 1}]}, {"type": "date"}],
         [{"repeats": False, "initial": [{"valueInteger": 1}] * 2}, {"initial": [{"valueInteger": 1}] * 2}]),
    # other resources
    *[Case(key, kind, [resource(kind, name="Plan_1"), resource(kind)], [resource(kind, name="plan"), resource(kind, name="Plan 1")], releases)
      for key, kind, releases in [("adf-0", "ActivityDefinition", "r4"), ("evi-0", "Evidence", "r4"), ("evv-0", "EvidenceVariable", "r4"),
                                  ("lib-0", "Library", "r4"), ("pdf-0", "PlanDefinition", "r4"), ("que-0", "Questionnaire", "r4 r4b"),
                                  ("cnl-0", "PlanDefinition", "r4b r5")]],
    Case("cnl-0", "PlanDefinition", [resource("PlanDefinition", name="P")], [resource("PlanDefinition", name="")], "r4b"),
    Case("cnl-0", "PlanDefinition", [resource("PlanDefinition", name="Pl")], [resource("PlanDefinition", name="P")], "r5"),
    Case("cnl-1", "PlanDefinition.url", ["https://a.example/x"], ["https://a.example/x#y", "https://a.example/x|1", "a b"]),
    Case("pld-0", "PlanDefinition.action.input", [{"requirement": {"type": "Group"}}, {"relatedData": "x"}],
         [{"title": "x"}, {"requirement": {"type": "Group"}, "relatedData": "x"}]),
    Case("pld-1", "PlanDefinition.action.output", [{"requirement": {"type": "Group"}}, {"relatedData": "x"}],
         [{"title": "x"}, {"requirement": {"type": "Group"}, "relatedData": "x"}]),
    Case("pld-3", "PlanDefinition", [resource("PlanDefinition", goal=[{"id": "g"}], action=[{"goalId": ["g"]}, {"action": [{"goalId": ["g"]}]}]),
                                     resource("PlanDefinition", action=[{"id": "a"}]), resource("PlanDefinition")],
         [resource("PlanDefinition", goal=[{"id": "g"}], action=[{"goalId": ["h"]}]), resource("PlanDefinition", action=[{"action": [{"goalId": ["g"]}]}])]),
    *[Case("pld-4", "PlanDefinition", [
        resource("PlanDefinition", action=[{"id": "a", "relatedAction": [{name: "b"}]}, {"action": [{"id": "b"}]}]), resource("PlanDefinition", action=[{"id": "a"}])],
        [resource("PlanDefinition", action=[{"id": "a", "relatedAction": [{name: "b"}]}]),
         resource("PlanDefinition", action=[{"id": "a", "action": [{"relatedAction": [{name: "c"}]}]}])], releases)
      for name, releases in [("actionId", "r4 r4b"), ("targetId", "r5")]],
    Case("evv-1", "EvidenceVariable.characteristic", [{"definitionId": "x"}, {"description": "x"}, {"definitionCodeableConcept": {"text": "x"}}],
         [{"definitionId": "x", "definitionReference": {"display": "x"}}, {"definitionCanonical": "u", "definitionCodeableConcept": {"text": "x"}}]),
    Case("grp-1", "Group", [resource(actual=True, member=[{"entity": {"display": "x"}}]), resource(actual=False)],
         [resource(actual=False, member=[{"entity": {"display": "x"}}])]),
    Case("inv-1", "Parameters.parameter", [{"name": "x", "valueString": "x"}, {"name": "x", "resource": GROUP}, {"name": "x", "part": [{"name": "y", "valueString": "y"}]}],
         [{"name": "x"}, {"name": "x", "valueString": "x", "resource": GROUP}, {"name": "x", "valueString": "x", "part": [{"name": "y", "valueString": "y"}]}]),
    Case("lst-1", "List", [resource("List", emptyReason={"text": "x"}), resource("List", entry=[{"item": {"display": "x"}}])],
         [resource("List", emptyReason={"text": "x"}, entry=[{"item": {"display": "x"}}])]),
    Case("lst-2", "List", [resource("List", mode="changes", entry=[{"deleted": True}]), resource("List", mode="working", entry=[{"date": "2020"}])],
         [resource("List", mode="working", entry=[{"deleted": False}])]),
    Case("lst-3", "List", [resource("List", mode="working", entry=[{"date": "2020"}]), resource("List", mode="changes", entry=[{"deleted": True}])],
         [resource("List", mode="changes", entry=[{"date": "2020"}])]),
    Case("org-1", "Organization", [resource("Organization", name="x"), resource("Organization", identifier=[{"value": "x"}]), resource("Organization", _name=BESIDE)],
         [resource("Organization", alias=["x"])]),
    Case("org-2", "Organization.address", [{"use": "work"}, {"city": "x"}], [{"use": "home"}]),
    Case("org-3", "Organization.telecom", [{"use": "work"}, {"value": "x"}], [{"use": "home"}]),
    Case("org-3", "Organization.contact", [{"telecom": [{"use": "work"}, {"value": "x"}]}, BESIDE], [{"telecom": [{"use": "work"}, {"use": "home"}]}]),
    Case("org-4", "Organization.contact", [{"address": {"use": "work"}}, BESIDE], [{"address": {"use": "home"}}]),
    Case("pat-1", "Patient.contact", [{"name": {"text": "x"}}, {"telecom": [{"value": "x"}]}, {"address": {"city": "x"}}, {"organization": {"display": "x"}}],
         [{"gender": "female"}, BESIDE]),
    Case("dev-1", "Device", [resource("Device", name=[{"display": True}, {"display": False}, {"value": "x"}]), resource("Device")],
         [resource("Device", name=[{"display": True}, {"display": True}])]),
    Case("der-1", f"{HL7}derivation-reference",
         [{"extension": [{"url": "offset", "valueInteger": 1}, {"url": "length", "valueInteger": 1}]}, {"extension": [{"url": "path", "valueString": "x"}]}],
         [{"extension": [{"url": "length", "valueInteger": 1}]}]),
    Case("rid-1", f"{HL7}resource-instance-description", [{"valueMarkdown": "x"}], [], root=resource(id="1")),
    Case("rid-1", f"{HL7}resource-instance-description", [], [{"valueMarkdown": "x"}], root=resource(id="1", description="y")),
    Case("rin-1", f"{HL7}resource-instance-name", [{"valueString": "x"}], [], root=resource("PlanDefinition", name="y")),
    Case("rin-1", f"{HL7}resource-instance-name", [], [{"valueString": "x"}], root=resource("PlanDefinition", title="y")),
    Case("var-1", f"{HL7}variable", [{"valueExpression": {"name": "x"}}], [{"valueExpression": {"language": "text/cql"}}]),
]
