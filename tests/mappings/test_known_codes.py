"""Codes and numbers: the right ones pass, and what is said of the others."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.json_text import parse
from converter.registries import SPELLINGS
from mappings.countries import COUNTRIES
from mappings.known_codes import ALPHA_3, CODES, VALUE_SETS, bound_fault, code_fault, identifier_fault, luhn, system_fault
from tests.corpus import corpus

LOINC, COUNTRY, REGION = "http://loinc.org", "urn:iso:std:iso:3166", "urn:iso:std:iso:3166:-2"
UNII, UCUM, MESH = "http://fdasis.nlm.nih.gov", "http://unitsofmeasure.org", "https://www.nlm.nih.gov/mesh"
MSH, NCIT = "http://terminology.hl7.org/CodeSystem/MSH", "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
SNOMED = "http://snomed.info/sct"
LANGUAGE, MEDIA, MONEY = "urn:ietf:bcp:47", "urn:ietf:bcp:13", "urn:iso:std:iso:4217"
RIGHT = {
    LOINC: "2160-0 777-3 718-7 30525-0 98979-8 1920-8 LA6576-8 LP7839-6 LL1234-5",
    COUNTRY: "US USA GB GBR TW AX", REGION: "US-CA DE-BY FR-75 GB-ENG",
    UNII: "WM0HAQ4WNM 3G6A5W338E R16CO5Y76E WK2XYI10QM 9100L32L2N", UCUM: "mg/dL mL/min/{1.73_m2} a /(8.h){shift}",
    MESH: "D003920 D000073496 C000718197 Q000628 D003920Q000628", MSH: "D003920", NCIT: "C9305 C17998",
    LANGUAGE: "en en-US de-CH zh-Hans-CN EN gsw i-klingon x-foo de-1996", MEDIA: "text/plain application/pdf image/svg+xml text/plain;charset=utf-8",
    MONEY: "USD EUR", SNOMED: "424144002 263495000 73211009 138875005 73211009:246075003=387517004", "http://a.example": "anything",
}
COUNTRY_SAID = "expected a code of ISO 3166-1 in two or three capital letters, found "
WRONG = [
    (LOINC, "2160-1", "'2160-1' is no LOINC code: the check digit of 2160 is 0; is a digit wrong?"),
    (LOINC, "3150-6", "'3150-6' is no LOINC code: the check digit of 3150 is 0; is a digit wrong?"),
    *[(LOINC, code, f"expected a LOINC code, a number, - and its check digit, found {code!r}") for code in ("2160", "abc", "12345678-2", "2160-00", "٢160-0")],
    (COUNTRY, "us", COUNTRY_SAID + "'us'; is 'US' meant?"), (COUNTRY, "gbr", COUNTRY_SAID + "'gbr'; is 'GBR' meant?"),
    *[(COUNTRY, code, f"{COUNTRY_SAID}{code!r}") for code in ("UK", "XX", "840", "004", "EU", "Germany")],
    *[(REGION, code, f"expected a code of ISO 3166-2, such as US-CA, found {code!r}") for code in ("us-ca", "US", "US-CALIFORNIA", "XX-YY")],
    (UNII, "WM0HAQ4WNN", "'WM0HAQ4WNN' is no UNII: the check character of WM0HAQ4WN is M; is a character wrong?"),
    *[(UNII, code, f"expected a UNII, ten capital letters or digits, found {code!r}") for code in ("x", "wm0haq4wnm", "WM0HAQ4WNMM")],
    (UCUM, "years", "expected a code of UCUM, found 'years': there is no unit 'years'; is 'a' meant?"),
    *[(system, "diabetes", "expected an identifier of MeSH, a letter and digits such as D003920, found 'diabetes'") for system in (MESH, MSH)],
    (NCIT, "c9305", "expected a code of the NCI Thesaurus, C and digits, found 'c9305'"),
    *[(LANGUAGE, code, f"expected a language of BCP 47, such as en or de-CH, found {code!r}") for code in ("english", "xx", "en_US", "e")],
    *[(MEDIA, code, f"expected a media type, such as application/pdf, found {code!r}") for code in ("pdf", "text", "a/b/c", "/x")],
    (SNOMED, "73211008", "'73211008' is no identifier of SNOMED CT: its check digit is wrong"),
    (SNOMED, "diabetes", "expected an identifier of SNOMED CT, 6 to 18 digits, found 'diabetes'"),
    (MONEY, "usd", "expected a currency of ISO 4217, three capital letters, found 'usd'"),
]
ADDRESS = "expected an absolute address, which its system asks for, found "
NUMBERS = {
    "http://hl7.org/fhir/sid/us-npi": "1234567893",
    "urn:ietf:rfc:3986": "http://a.example/x urn:oid:1.2.3 urn:uuid:C757873D-EC9A-4326-A141-556F43239520 doi:10.1/x urn:isbn:1",
    **dict.fromkeys((*SPELLINGS, "HTTPS://ClinicalTrials.GOV"), "NCT01234567"),
    "https://www.medizininformatik-initiative.de/fhir/modul-studie/sid/eudract": "2012-003632-23",
    "https://euclinicaltrials.eu/clinicalTrialId": "2022-500123-12-00 2022-500123-12", "https://w3id.org/trialbridge/sid/isrctn": "ISRCTN12345678",
    "https://w3id.org/trialbridge/sid/ntr": "NTR123 NL1234", "https://w3id.org/trialbridge/sid/ictrp": "anything EUCTR2004-000101-33-DE",
    "http://a.example": "anything",
}
WRONG_NUMBERS = [
    *[("urn:ietf:rfc:3986", value, f"{ADDRESS}{value!r}") for value in ("a", "/a", "1.2.3", "10.1/x", "c757873d-ec9a-4326-a141-556f43239520", "http://a b",
                                                                        "urn:oid:x", "urn:uuid:x", "urn:oid:3.1")],
    *[(system, "NCT1", "expected a number of ClinicalTrials.gov, found 'NCT1'") for system in SPELLINGS],
    ("http://hl7.org/fhir/sid/us-npi", "1234567890", "'1234567890' is no National Provider Identifier: the check digit of 123456789 is 3"),
    ("http://hl7.org/fhir/sid/us-npi", "12345", "expected a National Provider Identifier, ten digits, found '12345'"),
    (SPELLINGS[0], " nct01234567", "expected a number of ClinicalTrials.gov, found ' nct01234567'; is 'NCT01234567' meant?"),
    ("https://w3id.org/trialbridge/sid/isrctn", "12345678", "expected a number of ISRCTN, found '12345678'"),
    ("https://w3id.org/trialbridge/sid/anzctr", "ACTRN1261", "expected a number of ANZCTR, found 'ACTRN1261'"),
]


@pytest.mark.parametrize("system, code", [(system, code) for system, codes in RIGHT.items() for code in codes.split()])
def test_a_right_code_passes(system: str, code: str) -> None:
    assert code_fault(system, code) is None


@pytest.mark.parametrize("system, code, said", WRONG)
def test_what_is_said_of_a_wrong_code(system: str, code: str, said: str) -> None:
    assert code_fault(system, code) == ("warning" if system in (MESH, MSH, NCIT) else "error", said)


def test_a_doubtful_unit_is_a_warning() -> None:
    assert code_fault(UCUM, "K/uL") == ("warning", "'K/uL' is in kelvins; is '10*3/uL' meant?")


@pytest.mark.parametrize("system, value", [(system, value) for system, values in NUMBERS.items() for value in values.split()])
def test_a_right_number_passes(system: str, value: str) -> None:
    assert identifier_fault(system, value) is None


@pytest.mark.parametrize("system, value, said", WRONG_NUMBERS)
def test_a_wrong_number_is_an_error(system: str, value: str, said: str) -> None:
    assert identifier_fault(system, value) == ("error", said)


@pytest.mark.parametrize("value_set, code, said", [
    ("mimetypes", "application/pdf", None), ("mimetypes", "pdf", ("error", "expected a media type, such as application/pdf, found 'pdf'")),
    ("all-languages", "de-CH", None), ("languages", "english", ("error", "expected a language of BCP 47, such as en or de-CH, found 'english'")),
    ("currencies", "eur", ("error", "expected a currency of ISO 4217, three capital letters, found 'eur'")), ("country", "US", None),
    ("ucum-units", "years", ("error", "expected a code of UCUM, found 'years': there is no unit 'years'; is 'a' meant?")), ("timezones", "x", None),
])
def test_codes_of_a_value_set_without_a_list(value_set: str, code: str, said: Any) -> None:
    assert bound_fault(f"http://hl7.org/fhir/ValueSet/{value_set}", code) == said


@pytest.mark.parametrize("system", ["http://a.example", "urn:x", "urn:oid:1.2", *CODES])
def test_an_absolute_system_passes(system: str) -> None:
    assert system_fault(system) is None


@pytest.mark.parametrize("system", ["x", "ISO3166", "/a", "#a", "Patient/1", "http:", ""])
def test_a_relative_system_is_an_error(system: str) -> None:
    assert system_fault(system) == ("error", f"expected an absolute address, found {system!r}")


def test_every_country_has_both_its_codes() -> None:
    assert len(COUNTRIES) == len(ALPHA_3.split()) == len(set(ALPHA_3.split())) == 249
    assert set(VALUE_SETS.values()) <= set(CODES.values())


@pytest.mark.parametrize("digits, digit", [("2160", 0), ("777", 3), ("718", 7), ("30525", 0), ("98979", 8), ("", 0), ("0", 0)])
def test_the_check_digit(digits: str, digit: int) -> None:
    assert luhn(digits) == digit


@given(st.text(st.characters(), max_size=12))
def test_whatever_comes_there_is_an_answer(text: str) -> None:
    for said in [*(code_fault(system, text) for system in CODES), *(identifier_fault(system, text) for system in NUMBERS)]:
        assert said is None or (said[0] in ("error", "warning") and said[1])


@pytest.mark.corpus
@pytest.mark.parametrize("member", ["conditionBrowseModule", "interventionBrowseModule"])
def test_the_mesh_identifiers_of_records_pass(member: str) -> None:
    with gzip.open(corpus("ctgov_v2/records.ndjson.gz")) as records:
        found = {one["id"] for record in records for kind in ("meshes", "ancestors")
                 for one in parse(record).get("derivedSection", {}).get(member, {}).get(kind, ())}
    assert len(found) > 500
    assert [said for code in found if (said := code_fault(MESH, code))] == []
