"""Codes and numbers whose form, check digit or short list tells a wrong one from a right one, without a terminology server.

Each function gives the severity and a sentence, or None: the code may be right, or the system is not known here.
Where HL7's validator has an opinion it is the same (countries, UCUM, languages, urn:ietf:rfc:3986), else a code that certainly
is none (a check digit, a form) is an error too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any

from converter.problems import Severity, shown
from converter.registries import CLINICALTRIALS_GOV, FORMS, ICTRP, SPELLINGS
from mappings import ucum
from mappings.countries import COUNTRIES
from mappings.primitives import absolute, uri

Said = tuple[Severity, str]
Check = Callable[[str], str]
"""What is wrong with a code, as a sentence; "" when nothing is."""

ALPHA_3 = """
    ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS BIH BLM BLR BLZ BMU BOL BRA
    BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU
    EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND
    HRV HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO
    LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC
    NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS SHN SJM
    SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA UGA
    UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE"""
COUNTRY_CODES = frozenset([*COUNTRIES, *ALPHA_3.split()])
"""ISO 3166-1 in two letters and in three."""
ISO_639_1 = """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff
    fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io is it iu iw ja ji jv jw ka kg ki kj kk kl km kn ko
    kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl
    ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz
    ve vi vo wa wo xh yi yo za zh zu"""
LANGUAGES = frozenset(ISO_639_1.split())
"""Languages in two letters, with those that the standard once had; in three letters there are too many to tell."""
LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:-[A-Za-z0-9]{1,8})*")
LOINC = re.compile(r"([0-9]{1,7})-([0-9])")
PART = re.compile(r"L[AGLP][0-9]+-[0-9]")
"""LOINC's answers, groups, lists and parts; their check digit is reckoned in another way (LA6576-8), and not here."""
BASE_36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TURNED = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
"""Verhoeff's permutation (J. Verhoeff, Error Detecting Decimal Codes, 1969); digits add up in the dihedral group of ten."""
NPI = "http://hl7.org/fhir/sid/us-npi"
UNII = re.compile(f"[{BASE_36}]{{10}}")


def loinc(code: str) -> str:
    """LOINC: a number, - and its check digit, mod 10 (LOINC Users' Guide, appendix on check digits)."""
    if found := LOINC.fullmatch(code):
        digit = luhn(found[1])
        return "" if int(found[2]) == digit else (
            f"{shown(code)} is no LOINC code: the check digit of {found[1]} is {digit}; is a digit wrong?")
    return "" if PART.fullmatch(code) else f"expected a LOINC code, a number, - and its check digit, found {shown(code)}"


def luhn(digits: str) -> int:
    """The check digit, mod 10: every other digit, from the right, counts twice."""
    twice = (int(digit) * (2 - n % 2) for n, digit in enumerate(reversed(digits)))
    return -sum(sum(divmod(digit, 10)) for digit in twice) % 10


def snomed(code: str) -> str:
    """SNOMED CT: 6 to 18 digits, the last of them Verhoeff's check digit; of a post-coordinated expression nothing is said.

    The form alone: whether there is such a concept, a terminology server with a licence can tell.
    """
    if not re.fullmatch("[1-9][0-9]{5,17}", code):
        return "" if re.search("[:+|=]", code) else f"expected an identifier of SNOMED CT, 6 to 18 digits, found {shown(code)}"
    check = 0
    for n, digit in enumerate(map(int, reversed(code))):
        for _ in range(n % 8):
            digit = TURNED[digit]
        check = ((check + digit if check < 5 else check - digit) % 5 + 5 * ((check < 5) != (digit < 5)))
    return "" if check == 0 else f"{shown(code)} is no identifier of SNOMED CT: its check digit is wrong"


def country(code: str) -> str:
    """ISO 3166-1 in two or three capital letters.  HL7's validator takes no numbers here, so a server that uses it does not."""
    if code in COUNTRY_CODES:
        return ""
    meant = f"; is {code.upper()!r} meant?" if code.upper() in COUNTRY_CODES else ""
    return f"expected a code of ISO 3166-1 in two or three capital letters, found {shown(code)}{meant}"


def subdivision(code: str) -> str:
    """ISO 3166-2: a country, - and up to three letters or digits."""
    if code[:2] in COUNTRIES and re.fullmatch(r"-[A-Z0-9]{1,3}", code[2:]):
        return ""
    return f"expected a code of ISO 3166-2, such as US-CA, found {shown(code)}"


def unii(code: str) -> str:
    """UNII: nine letters or digits, and as the tenth their sum mod 36 (as the FDA's registry software makes them)."""
    if not UNII.fullmatch(code):
        return f"expected a UNII, ten capital letters or digits, found {shown(code)}"
    last = BASE_36[sum(map(BASE_36.index, code[:9])) % 36]
    return "" if last == code[9] else f"{shown(code)} is no UNII: the check character of {code[:9]} is {last}; is a character wrong?"


def language(code: str) -> str:
    """BCP 47: a language, with script, region and more or not; private and grandfathered tags too."""
    found = LANGUAGE.fullmatch(code)
    known = found and (len(found[1]) == 3 or found[1].lower() in LANGUAGES)
    return "" if known or re.fullmatch("[ix](-[A-Za-z0-9]{1,8})+", code, re.IGNORECASE) else (
        f"expected a language of BCP 47, such as en or de-CH, found {shown(code)}")


def form(pattern: str, what: str) -> Check:
    """The check of codes that have one form."""
    fits = re.compile(pattern, re.ASCII).fullmatch
    return lambda code: "" if fits(code) else f"expected {what}, found {shown(code)}"


NAME = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
mime_type = form(rf"{NAME}/{NAME}(\s*;.*)?", "a media type, such as application/pdf")
"""RFC 6838, section 4.2."""
mesh = form(r"[CM]\d{6,9}|D\d{6,9}(Q\d{6,9})?|Q\d{6,9}", "an identifier of MeSH, a letter and digits such as D003920")
nci = form(r"C\d+", "a code of the NCI Thesaurus, C and digits")
currency = form("[A-Z]{3}", "a currency of ISO 4217, three capital letters")


def npi(value: str) -> str:
    """A U.S. National Provider Identifier: ten digits, the last of them the check digit, mod 10, of 80840 and the rest."""
    if not re.fullmatch("[12][0-9]{9}", value):
        return f"expected a National Provider Identifier, ten digits, found {shown(value)}"
    digit = luhn(f"80840{value[:9]}")
    return "" if int(value[9]) == digit else f"{shown(value)} is no National Provider Identifier: the check digit of {value[:9]} is {digit}"


CODES: dict[str, Check] = {
    "http://fdasis.nlm.nih.gov": unii,
    "http://loinc.org": loinc,
    "http://snomed.info/sct": snomed,
    "urn:ietf:bcp:13": mime_type,
    "urn:ietf:bcp:47": language,
    "urn:iso:std:iso:3166": country,
    "urn:iso:std:iso:3166:-2": subdivision,
    "urn:iso:std:iso:4217": currency,
    ucum.SYSTEM: ucum.faults,
}
VALUE_SETS: dict[str, Check] = {
    "http://hl7.org/fhir/ValueSet/all-languages": language,
    "http://hl7.org/fhir/ValueSet/country": country,
    "http://hl7.org/fhir/ValueSet/currencies": currency,
    "http://hl7.org/fhir/ValueSet/languages": language,
    "http://hl7.org/fhir/ValueSet/mimetypes": mime_type,
    "http://hl7.org/fhir/ValueSet/ucum-units": ucum.faults,
}
"""Required bindings to codes that nobody can count up."""
DOUBTS: dict[str, Check] = {
    "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl": nci,
    "http://terminology.hl7.org/CodeSystem/MSH": mesh,
    "https://www.nlm.nih.gov/mesh": mesh,
    ucum.SYSTEM: ucum.doubt,
}
"""What is only warned of: a form that these systems have had so far, units that are seldom meant."""


def code_fault(system: str, code: str) -> Said | None:
    """What is wrong with the code of a Coding or Quantity of that system."""
    check, doubts = CODES.get(system), DOUBTS.get(system)
    return judged(check, doubts, code) if check or doubts else None


def bound_fault(value_set: str, code: str) -> Said | None:
    """What is wrong with a code whose required value set has no list."""
    check = VALUE_SETS.get(value_set)
    return judged(check, None, code) if check else None


def judged(check: Check | None, doubts: Check | None, code: str) -> Said | None:
    """What the checks say, remembered where the code is of a length that codes have."""
    return (remembered if len(code) < 100 else remembered.__wrapped__)(check, doubts, code)


@lru_cache(maxsize=4096)
def remembered(check: Check | None, doubts: Check | None, code: str) -> Said | None:
    if check and (wrong := check(code)):
        return "error", wrong
    doubt = doubts(code) if doubts else ""
    return ("warning", doubt) if doubt else None


def identifier_fault(system: str, value: str) -> Said | None:
    """What is wrong with the value of an Identifier of that system: a registry's number, or an address."""
    if system == "urn:ietf:rfc:3986":
        right = absolute(value) and not uri(value.lower())  # a UUID may have capitals here
        return None if right else ("error", f"expected an absolute address, which its system asks for, found {shown(value)}")
    if system == NPI:
        return ("error", wrong) if (wrong := npi(value)) else None
    name, forms = registries().get(system.casefold().rstrip("/"), ("", ()))
    if not forms or any(fits.fullmatch(value) for fits in forms):
        return None
    capital = value.strip().upper()
    meant = f"; is {capital!r} meant?" if any(fits.fullmatch(capital) for fits in forms) else ""
    return "error", f"expected a number of {name}, found {shown(value)}{meant}"


def system_fault(system: str) -> Said | None:
    """What is wrong with the system of an Identifier, Coding or Quantity, which must be absolute."""
    if not absolute(system):  # with blanks it is no address at all, and that is said where primitives are checked
        return ("error", f"expected an absolute address, found {shown(system)}") if system.split() == [system] or not system else None
    return ("error", f"expected a code system, found the value set {shown(system, 160)}") if "/ValueSet/" in system else None


def quantity_faults(tree: dict[str, Any]) -> Iterator[tuple[str, Said]]:
    """What is wrong with the system and code of a Quantity."""
    system, code = tree.get("system"), tree.get("code")
    if system.__class__ is str:
        if said := system_fault(system):
            yield "system", said
        if code.__class__ is str and (said := code_fault(system, code)):
            yield "code", said


def coding_faults(tree: dict[str, Any]) -> Iterator[tuple[str, Said]]:
    """The same of a Coding, in which a code alone means nothing."""
    yield from quantity_faults(tree)
    if "code" in tree and "system" not in tree:
        yield "code", ("warning", f"{shown(tree['code'])} has no system, so no program can know what it means")
    if "system" in tree and "code" not in tree and "_code" not in tree:
        yield "system", ("warning", "has a system and no code of it")


def identifier_faults(tree: dict[str, Any]) -> Iterator[tuple[str, Said]]:
    """What is wrong with the system and value of an Identifier."""
    system, value = tree.get("system"), tree.get("value")
    if system.__class__ is str:
        if said := system_fault(system):
            yield "system", said
        if value.__class__ is str and (said := identifier_fault(system, value)):
            yield "value", said


@cache
def registries() -> dict[str, tuple[str, tuple[re.Pattern[str], ...]]]:
    """The name and the forms of the numbers of each registry, by its systems in lower case.  Not the WHO's: it writes any of them."""
    found: dict[str, tuple[str, tuple[re.Pattern[str], ...]]] = {}
    for fits, registry in FORMS:
        for system in SPELLINGS if registry.system == CLINICALTRIALS_GOV else (registry.system,):
            if system != ICTRP:
                plain = system.casefold().rstrip("/")
                name, forms = found.get(plain, (registry.name, ()))
                found[plain] = name, (*forms, fits)
    return found
