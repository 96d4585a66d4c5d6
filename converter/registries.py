"""Which registry a trial number belongs to, from the form of the number alone.

The forms are those of the WHO's primary registries (https://www.who.int/tools/clinical-trials-registry-platform) and of
the EU's two.  HL7's terminology (THO 7.0.1) names an identifier system for ClinicalTrials.gov only; CTIS's is that of
the EBM converter, the MII's are those of its module for studies, every other is ours.
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct

SID = "https://w3id.org/trialbridge/sid/"
"""Where our own identifier systems live, one per registry, by its name in kebab case."""
MII = "https://www.medizininformatik-initiative.de/fhir/modul-studie/sid/"
CLINICALTRIALS_GOV = "http://clinicaltrials.gov"
"""THO's NamingSystem ClinicalTrialsGov.  Never configurable: on a server, a key with two spellings is two trials."""
SPELLINGS = (
    CLINICALTRIALS_GOV, "urn:oid:2.16.840.1.113883.3.1077", "https://clinicaltrials.gov",
    "https://clinicaltrials.gov/nctid", "https://clinicaltrials.gov/show/",
)
"""The systems that others write for ClinicalTrials.gov's numbers: THO, its OID, HL7's example, EBM, the SoA guide."""
ICTRP = SID + "ictrp"
"""The WHO's own spelling of a number: it puts a prefix before what some registries issue, or a country behind it."""
PORTAL = "https://trialsearch.who.int/Trial2.aspx?TrialID="
"""The WHO's page of a record, for registries whose own address has a number only they know (ChiCTR's proj=49217)."""


class Registry(Struct, frozen=True):
    """A registry: its name, the system of its numbers, its public page of a record ({} is the number) or ""."""

    name: str
    system: str
    web: str = ""


TABLE = (
    # name, form of the number, system ("" is ours), page
    ("ClinicalTrials.gov", r"NCT\d{8}", CLINICALTRIALS_GOV, "https://clinicaltrials.gov/study/{}"),
    # The form of a EudraCT number, told apart by the 5; the last pair counts resubmissions and is often left out.
    ("CTIS", r"\d{4}-5\d{5}-\d{2}(-\d{2})?", "https://euclinicaltrials.eu/clinicalTrialId",
     "https://euclinicaltrials.eu/ctis-public/view/{}"),
    ("CTIS", r"CTIS\d{4}-5\d{5}-\d{2}(-\d{2})?", ICTRP, PORTAL + "{}"),
    ("EudraCT", r"\d{4}-[0-46-9]\d{5}-\d{2}", MII + "eudract",
     "https://www.clinicaltrialsregister.eu/ctr-search/search?query=eudract_number:{}"),
    # The EU register has a record per country, 2012-003632-23-AT, and 2014-002606-20-3RD for those beyond the EEA.
    ("EU-CTR", r"\d{4}-[0-46-9]\d{5}-\d{2}-([A-Z]{2}|3RD)", "", ""),
    ("EU-CTR", r"EUCTR\d{4}-[0-46-9]\d{5}-\d{2}-([A-Z]{2}|3RD|Outside-EU/EEA)", ICTRP, PORTAL + "{}"),
    ("ISRCTN", r"ISRCTN\d{8}", "", "https://www.isrctn.com/{}"),
    ("DRKS", r"DRKS\d{8}", MII + "drks", "https://drks.de/search/en/trial/{}"),
    ("ChiCTR", r"ChiCTR(\d{10}|-[A-Z]+-\d{8})", "", PORTAL + "{}"),
    ("ITMCTR", r"ITMCTR\d+", "", PORTAL + "{}"),
    ("ANZCTR", r"ACTRN\d{14}", "", "https://www.anzctr.org.au/{}.aspx"),
    ("jRCT", r"jRCT[a-z]?\d{9,10}", "", "https://jrct.mhlw.go.jp/en-latest-detail/{}"),
    ("UMIN-CTR", r"UMIN\d{9}", "", PORTAL + "JPRN-{}"),
    ("JapicCTI", r"JapicCTI-\d{6}", "", PORTAL + "JPRN-{}"),
    ("JMA-CCT", r"JMA-IIA\d{5}", "", PORTAL + "JPRN-{}"),
    ("JPRN", r"JPRN-\w[\w-]*", ICTRP, PORTAL + "{}"),
    ("CTRI", r"CTRI/\d{4}/\d{2,3}/\d{6}", "", PORTAL + "{}"),
    ("CRIS", r"KCT\d{7}", "", PORTAL + "{}"),
    ("PACTR", r"PACTR\d+", "", PORTAL + "{}"),
    ("IRCT", r"IRCT\d+N\d+", "", PORTAL + "{}"),
    ("ReBEC", r"RBR-\w+", "", "https://ensaiosclinicos.gov.br/rg/{}"),
    # Not NL73848 or NL73848.000.21: five digits are the file of a Dutch ethics committee.
    ("NTR", r"NTR\d+|NL\d{1,4}", "", PORTAL + "{}"),
    ("OMON", r"NL-OMON\d+", "", PORTAL + "{}"),
    ("TCTR", r"TCTR\d+", "", "https://www.thaiclinicaltrials.org/show/{}"),
    ("SLCTR", r"SLCTR/\d{4}/\d{3}", "", PORTAL + "{}"),
    ("RPCEC", r"RPCEC\d{8}", "", "https://rpcec.sld.cu/en/trials/{}-En"),
    ("REPEC", r"PER-\d{3}-\d{2}", "", PORTAL + "{}"),
    ("LBCTR", r"LBCTR\d+", "", PORTAL + "{}"),
    # The WHO's Universal Trial Number says that two registrations are one trial; it has no page of its own.
    ("UTN", r"U1111-\d{4}-\d{4}", MII + "utn", ""),
)
FORMS = tuple(
    (re.compile(form, re.ASCII), Registry(name, system or SID + name.lower(), web)) for name, form, system, web in TABLE
)


@lru_cache(maxsize=4096)
def registry_of(number: str) -> Registry | None:
    """The registry whose numbers have this form, or None.  The whole number, as the registry spells it: NCT01234567."""
    return next((registry for form, registry in FORMS if form.fullmatch(number)), None)


def is_registry_system(registry: Registry, system: str) -> bool:
    """Whether identifiers of that system are this registry's numbers, in any spelling and case that others use."""
    known = SPELLINGS if registry.system == CLINICALTRIALS_GOV else (registry.system,)
    return system.casefold() in map(str.casefold, known)
