"""Faults of primitives   https://hl7.org/fhir/R5/datatypes.html#primitive

Where no element of ours has the primitive, it is the value of an extension that nobody defines, which is legal in itself.
"""

from typing import Any

from tests.faults.change import Change, Fault, add, fault, of, put
from tests.faults.ground import ACTION, ACTIVITY, CRITERIA, GROUP, LOCATION, PLAN, PRACTITIONER, PROVENANCE, ROLE, STUDY

EXTENSION = "https://a.example/StructureDefinition/invented"
HERE = f"{STUDY}.note[0].extension[0]"


def value(kind: str, said: Any) -> Change:
    """An extension with that value."""
    return put(f"{STUDY}.note[0].extension", [{"url": EXTENSION, f"value{kind}": said}])


def extension(name: str, kind: str, said: Any, only: str = "", note: str = "") -> Fault:
    """A fault of the value of an extension."""
    return fault(name, value(kind, said), HERE, only=only, note=note)


def primitive(name: str, *faults: Fault) -> list[Fault]:
    """The faults that break the rule of that primitive."""
    return of(f"primitive {name}", f"datatypes.html#{name}", *faults)


FAULTS: list[Fault] = [
    *primitive("string",
        fault("text-empty", put(f"{STUDY}.title", "")),
        fault("text-blank", put(f"{STUDY}.title", "   "), severity="warning", note="SHOULD have something else than blanks, as XML trims it to nothing"),
        fault("text-of-line-breaks", put(f"{LOCATION}.name", "\n\t\r\n"), severity="warning"),
        fault("text-beyond-a-megabyte", put(f"{PLAN}.publisher", "x" * (2**20 + 1)), note="SHALL NOT exceed 1 MB"),
        fault("text-with-a-control-character", put(f"{STUDY}.title", "Tacrolimus\u0007"), severity="warning", note="SHOULD NOT; XML cannot hold it"),
        fault("text-with-a-nul", put(f"{LOCATION}.name", "Peking\u0000Union"), severity="warning", note="databases refuse it"),
        fault("text-as-a-number", put(f"{STUDY}.title", 4)),
        fault("text-as-a-boolean", put(f"{LOCATION}.name", True)),
        fault("postal-code-as-a-number", put(f"{LOCATION}.address.postalCode", 100730)),
        ),
    *primitive("markdown",
        fault("markdown-empty", put(f"{STUDY}.description", "")),
        fault("markdown-blank", put(f"{STUDY}.description", " \n "), severity="warning"),
        fault("markdown-as-a-list", put(f"{STUDY}.description", ["one", "two"])),
        ),
    *primitive("boolean",
        fault("boolean-as-a-text", put(f"{GROUP}.characteristic[0].exclude", "false")),
        fault("boolean-as-a-number", put(f"{GROUP}.active", 1)),
        fault("boolean-as-yes", put(f"{ROLE}.active", "Y")),
        ),
    *primitive("integer",
        fault("integer-with-a-fraction", put(f"{ACTIVITY}.dosage[0].sequence", 1.5)),
        fault("integer-as-a-text", put(f"{ACTIVITY}.dosage[0].sequence", "1")),
        fault("integer-beyond-32-bits", put(f"{ACTIVITY}.dosage[0].sequence", 2**31)),
        ),
    *primitive("unsignedInt",
        fault("unsigned-below-zero", put(f"{GROUP}.quantity", -1)),
        fault("target-number-below-zero", put(f"{STUDY}.recruitment.targetNumber", -30), only="r5"),
        fault("target-number-as-a-text", put(f"{STUDY}.recruitment.targetNumber", "30"), only="r5"),
        fault("target-number-below-zero-r4", put(f"{STUDY}.extension{{recruitment.targetNumber}}.valueUnsignedInt", -30), only="r4"),
        ),
    *primitive("positiveInt",
        fault("positive-zero", put(f"{ACTION}.timingTiming.repeat.count", 0)),
        extension("positive-below-zero", "PositiveInt", -3),
        ),
    *primitive("integer64",
        fault("size-as-a-number", put(f"{PRACTITIONER}.photo[0].size", 8), only="r5", note="JSON has it as a text"),
        fault("size-as-words", put(f"{PRACTITIONER}.photo[0].size", "8 B"), only="r5"),
        fault("size-as-a-text", put(f"{PRACTITIONER}.photo[0].size", "8"), only="r4", note="as R5 has it"),
        extension("integer64-in-r4", "Integer64", "8", only="r4", note="no datatype of R4"),
        ),
    *primitive("decimal",
        fault("decimal-as-a-text", put(f"{LOCATION}.position.latitude", "39.75")),
        fault("decimal-with-a-comma", put(f"{CRITERIA}.characteristic[0].valueQuantity.value", "8,5")),
        ),
    *primitive("date",
        fault("date-without-zeros", put(f"{PRACTITIONER}.birthDate", "1970-1-31")),
        fault("date-of-no-calendar", put(f"{PRACTITIONER}.birthDate", "1970-02-30")),
        fault("date-with-a-time", put(f"{PRACTITIONER}.birthDate", "1970-01-31T00:00:00Z")),
        fault("date-of-two-digits", put(f"{PRACTITIONER}.birthDate", "70-01-31")),
        fault("date-in-the-year-zero", put(f"{PRACTITIONER}.birthDate", "0000-01-31")),
        fault("approval-date-in-words", put(f"{PLAN}.approvalDate", "May 2018")),
        ),
    *primitive("dateTime",
        fault("date-time-without-zone", put(f"{STUDY}.note[0].time", "2018-05-30T10:20:30")),
        fault("date-time-without-seconds", put(f"{STUDY}.note[0].time", "2018-05-30T10:20Z"), note="as ClinicalTrials.gov has upload dates"),
        fault("date-time-at-24", put(f"{STUDY}.note[0].time", "2018-05-30T24:00:00Z")),
        fault("date-time-zone-too-far", put(f"{STUDY}.note[0].time", "2018-05-30T10:20:30+15:00")),
        fault("date-time-with-a-blank", put(f"{STUDY}.period.start", "2018-06-10 08:00:00Z")),
        fault("date-time-month-13", put(f"{STUDY}.period.end", "2020-13")),
        fault("date-time-no-leap-year", put(f"{STUDY}.period.start", "2018-02-29")),
        fault("plan-date-as-a-number", put(f"{PLAN}.date", 2018)),
        fault("date-time-as-registries-have-it", put(f"{STUDY}.date", "30 May 2018"), only="r5"),
        ),
    *primitive("instant",
        fault("instant-of-a-day", put(f"{PROVENANCE}.recorded", "2018-05-30")),
        fault("instant-without-zone", put(f"{PROVENANCE}.recorded", "2018-05-30T10:20:30")),
        fault("instant-without-seconds", put(f"{STUDY}.meta.lastUpdated", "2018-05-30T10:20Z")),
        fault("bundle-timestamp-of-a-month", put("timestamp", "2018-05")),
        ),
    *primitive("time",
        fault("time-without-seconds", put(f"{LOCATION}.hoursOfOperation[0].openingTime", "08:30"), only="r4"),
        fault("time-without-seconds-r5", put(f"{LOCATION}.hoursOfOperation[0].availableTime[0].availableStartTime", "08:30"), only="r5"),
        fault("time-at-24", put(f"{ACTION}.timingTiming.repeat.timeOfDay", ["24:00:00"]), f"{ACTION}.timingTiming.repeat.timeOfDay"),
        extension("time-with-zone", "Time", "08:30:00Z"),
        ),
    *primitive("code",
        fault("code-with-a-blank-before", put(f"{GROUP}.type", " person")),
        fault("code-with-a-blank-after", put(f"{STUDY}.phase.coding[0].code", "phase-4 ")),
        extension("code-with-two-blanks", "Code", "phase  4"),
        fault("code-empty", put(f"{STUDY}.phase.coding[0].code", "")),
        fault("code-as-a-number", put(f"{GROUP}.characteristic[0].code.coding[0].code", 397669002)),
        ),
    *primitive("id",
        fault("id-with-an-underscore", put(f"{STUDY}.id", "NCT_03540472")),
        fault("id-too-long", put(f"{STUDY}.id", "a" * 65)),
        fault("id-with-a-blank", put(f"{PLAN}.id", "plan 1")),
        fault("id-with-a-slash", put(f"{GROUP}.id", "Group/1")),
        fault("id-as-a-number", put(f"{STUDY}.id", 3540472)),
        fault("goal-id-with-a-blank", add(f"{ACTION}.goalId", "goal 1"), f"{ACTION}.goalId[1]"),
        ),
    *primitive("uri",
        fault("uri-with-a-blank", put(f"{STUDY}.identifier[0].system", "http://clinicaltrials.gov /")),
        fault("uri-empty", put(f"{STUDY}.identifier[0].system", "")),
        fault("plan-url-with-a-blank", put(f"{PLAN}.url", "https://a.example/Plan Definition/1")),
        fault("plan-url-relative", put(f"{PLAN}.url", "PlanDefinition/1"), section="references.html#canonical",
              note="an absolute URI; HL7's own R4 examples break it in what refers to them"),
        ),
    *primitive("url",
        fault("url-with-a-blank", put(f"{PLAN}.relatedArtifact[0].document.url", "https://a.example/the protocol.pdf")),
        ),
    *primitive("canonical",
        fault("canonical-with-a-blank", put(f"{STUDY}.meta.profile", ["https://a.example/a profile"]), f"{STUDY}.meta.profile"),
        fault("canonical-relative", put(f"{PLAN}.library", ["Library/rules"]), f"{PLAN}.library", section="references.html#canonical"),
        ),
    *primitive("oid",
        extension("oid-with-a-leading-zero", "Oid", "urn:oid:1.02.3"),
        extension("oid-without-its-scheme", "Oid", "2.16.840.1.113883"),
        fault("oid-as-a-system", put(f"{STUDY}.identifier[0].system", "urn:oid:3.1.2"), note="arcs begin with 0, 1 or 2"),
        ),
    *primitive("uuid",
        extension("uuid-without-its-scheme", "Uuid", "641b8867-ca08-502e-ab8c-273392549ff8"),
        extension("uuid-in-capitals", "Uuid", "urn:uuid:641B8867-CA08-502E-AB8C-273392549FF8"),
        extension("uuid-too-short", "Uuid", "urn:uuid:641b8867-ca08-502e-ab8c"),
        ),
    *primitive("base64Binary",
        fault("base64-with-other-characters", put(f"{PRACTITIONER}.photo[0].data", "iVBORw0K*go=")),
        fault("base64-cut-off", put(f"{PRACTITIONER}.photo[0].data", "iVBORw0KG")),
        fault("hash-in-hexadecimal", put(f"{PRACTITIONER}.photo[0].hash", "sha1:2fd4")),
        ),
]
