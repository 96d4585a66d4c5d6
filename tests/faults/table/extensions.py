"""Faults of extensions   https://hl7.org/fhir/R5/extensibility.html, …/versions.html#extensions"""

from typing import Any

from tests.faults.change import Change, Fault, add, drop, fault, of, put
from tests.faults.ground import ACTION, ACTIVITY, GROUP, LOCATION, PLAN, STUDY

CORE = "http://hl7.org/fhir/StructureDefinition/"
CROSS = "http://hl7.org/fhir/5.0/StructureDefinition/extension-"
OWN = "https://w3id.org/trialbridge/StructureDefinition/"
PARTY = f"{STUDY}.extension{{ResearchStudy.associatedParty}}"
REGISTRATION = f"{STUDY}.extension{{studyRegistration}}"
STATUS = f"{STUDY}._status.extension"


def one(path: str, url: str, **said: Any) -> Change:
    """One extension more."""
    return add(f"{path}.extension", {"url": url, **said})


def last(name: str, path: str, url: str, only: str = "", note: str = "", **said: Any) -> Fault:
    """A fault of an extension that is added at the path; found at its list."""
    return fault(name, one(path, url, **said), f"{path}.extension", only=only, note=note)


FAULTS: list[Fault] = [
    *of("unknown extension", "extensibility.html",
        last("unknown-of-r5", STUDY, f"{CROSS}ResearchStudy.labels", only="r4", valueString="x", note="no element of R5"),
        last("unknown-of-r5-in-r5", STUDY, f"{CROSS}ResearchStudy.labels", only="r5", valueString="x", note="no element of R5"),
        last("r5-in-r5", STUDY, f"{CROSS}ResearchStudy.label", only="r5", valueString="x", note="R5 has the element itself"),
        last("unknown-of-r6", GROUP, "http://hl7.org/fhir/6.0/StructureDefinition/extension-Group.combinationMethod", valueCode="all-of"),
        last("unknown-of-ours", STUDY, f"{OWN}phase-of-the-moon", valueString="full"),
        last("unknown-of-ours-misspelled", ACTIVITY, f"{OWN}other-names", valueString="FK506"),
        fault("unknown-modifier", put(f"{GROUP}.modifierExtension", [{"url": "https://a.example/x", "valueBoolean": True}]),
              f"{GROUP}.modifierExtension[0]", section="extensibility.html#modifierExtension", severity="warning",
              note="who does not know it SHALL NOT process the resource"),
        fault("modifier-that-modifies-nothing", put(f"{STUDY}.modifierExtension", [{"url": f"{CORE}data-absent-reason", "valueCode": "unknown"}]),
              f"{STUDY}.modifierExtension[0]", section="extensibility.html#modifierExtension"),
        last("r5-spelled-without-extension", STUDY, "http://hl7.org/fhir/5.0/StructureDefinition/ResearchStudy.date", only="r4", valueDateTime="2018"),
        ),
    *of("url of an extension", "extensibility.html",
        fault("extension-without-url", put(f"{STUDY}.note[0].extension", [{"valueString": "x"}]), f"{STUDY}.note[0].extension[0]"),
        last("extension-url-relative", STUDY, "invented", valueString="x", note="relative only inside of another one"),
        last("extension-url-empty", STUDY, "", valueString="x"),
        last("extension-url-with-a-blank", STUDY, "https://a.example/an extension", valueString="x"),
        last("extension-url-with-a-version", STUDY, f"{CORE}artifact-name|5.0.0", valueString="x"),
        ),
    *of("context of an extension", "defining-extensions.html#context",
        last("label-on-a-group", GROUP, f"{CROSS}ResearchStudy.version", only="r4", valueString="1"),
        last("arm-link-on-a-study", STUDY, f"{CROSS}ResearchStudy.comparisonGroup.linkId", only="r4", valueId="arm-1"),
        last("action-link-on-a-plan", PLAN, f"{CROSS}PlanDefinition.action.linkId", only="r4", valueString="arm-1"),
        last("site-status-on-a-study", STUDY, f"{OWN}site-status", valueCode="recruiting"),
        last("time-frame-on-a-location", LOCATION, f"{OWN}time-frame", valueString="12 weeks"),
        last("other-name-on-an-action", ACTION, f"{OWN}other-name", valueString="FK506"),
        last("registration-on-a-group", GROUP, f"{CORE}researchStudy-studyRegistration", extension=[
            {"url": "activity", "valueCodeableConcept": {"text": "x"}}]),
        last("birth-place-on-a-study", STUDY, f"{CORE}patient-birthPlace", valueAddress={"city": "Beijing"}),
        last("rank-of-a-name-on-a-study", STUDY, f"{CORE}humanname-own-name", valueString="x"),
        ),
    *of("value of an extension", "defining-extensions.html",
        fault("cross-version-date-as-a-text", put(f"{STUDY}.extension{{ResearchStudy.date}}", {"url": f"{CROSS}ResearchStudy.date", "valueString": "2018"}),
              only="r4"),
        fault("cross-version-number-as-an-integer",
              put(f"{STUDY}.extension{{targetNumber}}", {"url": f"{CROSS}ResearchStudy.recruitment.targetNumber", "valueInteger": 30}), only="r4"),
        fault("cross-version-status-of-no-list", put(f"{STATUS}[0].valueCode", "completed"), only="r4", note="bound to R5's publication-status"),
        fault("cross-version-membership-of-no-list", put(f"{GROUP}.extension{{Group.membership}}.valueCode", "defined"), only="r4"),
        fault("cross-version-reference-to-another-type", put(
            f"{STUDY}.arm[0].extension{{intendedExposure}}.valueReference", {"reference": "Organization/1"}),
              f"{STUDY}.arm[0].extension{{intendedExposure}}", only="r4", note="EvidenceVariable"),
        fault("own-text-as-a-number", put(f"{ACTIVITY}.extension{{other-name}}", {"url": f"{OWN}other-name", "valueInteger": 506})),
        fault("own-kind-as-a-number", put(f"{STUDY}.extension{{enrollment-kind}}", {"url": f"{OWN}enrollment-kind", "valueInteger": 1}), only="r4"),
        fault("own-kind-as-a-number-r5", put(f"{STUDY}.recruitment._targetNumber.extension[0]", {"url": f"{OWN}enrollment-kind", "valueInteger": 1}),
              only="r5"),
        last("absent-reason-of-no-list", f"{STUDY}.period", f"{CORE}data-absent-reason", valueCode="lost"),
        last("absent-reason-as-a-text", f"{STUDY}.period", f"{CORE}data-absent-reason", valueString="unknown"),
        last("absent-reason-in-parts", f"{STUDY}.period", f"{CORE}data-absent-reason", extension=[{"url": "code", "valueCode": "unknown"}]),
        ),
    *of("cardinality of an extension", "defining-extensions.html",
        last("cross-version-date-twice", STUDY, f"{CROSS}ResearchStudy.date", only="r4", valueDateTime="2019"),
        last("cross-version-target-twice", STUDY, f"{CROSS}ResearchStudy.recruitment.targetNumber", only="r4", valueUnsignedInt=31),
        last("own-kind-twice", STUDY, f"{OWN}enrollment-kind", only="r4", valueBoolean=True),
        last("own-kind-twice-r5", f"{STUDY}.recruitment._targetNumber", f"{OWN}enrollment-kind", only="r5", valueBoolean=True),
        last("site-status-twice", LOCATION, f"{OWN}site-status", only="r4", valueCode="completed"),
        fault("absent-reason-twice", put(f"{STUDY}.period.extension", [{"url": f"{CORE}data-absent-reason", "valueCode": "unknown"},
                                                                       {"url": f"{CORE}data-absent-reason", "valueCode": "masked"}]),
              f"{STUDY}.period"),
        ),
    *of("parts of an extension", "defining-extensions.html",
        fault("party-without-its-role", drop(f"{PARTY}.extension{{role}}"), PARTY, only="r4"),
        fault("party-of-a-part-unknown", add(f"{PARTY}.extension", {"url": "kind", "valueString": "x"}), PARTY, only="r4"),
        fault("party-of-two-names", add(f"{PARTY}.extension", {"url": "name", "valueString": "Another"}), PARTY, only="r4"),
        fault("party-named-by-a-code", put(f"{PARTY}.extension{{name}}", {"url": "name", "valueCode": "x"}), PARTY, only="r4"),
        fault("party-that-is-a-location", put(f"{PARTY}.extension{{party}}.valueReference", {"reference": "#loc-1"}), PARTY, only="r4"),
        fault("party-in-one-value", put(PARTY, {"url": f"{CROSS}ResearchStudy.associatedParty", "valueString": "A hospital"}), PARTY, only="r4"),
        fault("summary-in-parts", put(f"{STUDY}.extension{{descriptionSummary}}", {
            "url": f"{CROSS}ResearchStudy.descriptionSummary", "extension": [{"url": "value", "valueMarkdown": "x"}]}), only="r4"),
        fault("registration-of-a-part-unknown", add(f"{REGISTRATION}.extension", {"url": "reason", "valueString": "x"}), REGISTRATION),
        fault("registration-of-two-activities", add(f"{REGISTRATION}.extension", {"url": "activity", "valueCodeableConcept": {"text": "x"}}), REGISTRATION),
        fault("registration-without-activity", drop(f"{REGISTRATION}.extension{{activity}}"), REGISTRATION),
        fault("registration-actual-as-a-text", add(f"{REGISTRATION}.extension", {"url": "actual", "valueString": "true"}), REGISTRATION),
        fault("registration-part-in-full", put(f"{REGISTRATION}.extension{{activity}}.url", f"{CORE}activity"), REGISTRATION,
              note="the url of a part is its bare name"),
        ),
]
