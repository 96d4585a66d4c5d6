"""Trial numbers, and the registry that each is told to belong to."""

from itertools import groupby

import pytest

from converter.registries import CLINICALTRIALS_GOV, FORMS, SPELLINGS, Registry, is_registry_system, registry_of

SID = "https://w3id.org/trialbridge/sid/"
MII = "https://www.medizininformatik-initiative.de/fhir/modul-studie/sid/"
PORTAL = "https://trialsearch.who.int/Trial2.aspx?TrialID="

NUMBERS = [
    # number, registry, system, page
    ("NCT03540472", "ClinicalTrials.gov", "http://clinicaltrials.gov", "https://clinicaltrials.gov/study/NCT03540472"),
    ("2023-505613-24-00", "CTIS", "https://euclinicaltrials.eu/clinicalTrialId",
     "https://euclinicaltrials.eu/ctis-public/view/2023-505613-24-00"),
    ("2022-501515-14", "CTIS", "https://euclinicaltrials.eu/clinicalTrialId",
     "https://euclinicaltrials.eu/ctis-public/view/2022-501515-14"),
    ("CTIS2023-507385-11-00", "CTIS", SID + "ictrp", PORTAL + "CTIS2023-507385-11-00"),
    ("2012-003632-23", "EudraCT", MII + "eudract",
     "https://www.clinicaltrialsregister.eu/ctr-search/search?query=eudract_number:2012-003632-23"),
    ("2012-003632-23-AT", "EU-CTR", SID + "eu-ctr", ""),
    ("2014-002606-20-3RD", "EU-CTR", SID + "eu-ctr", ""),
    ("EUCTR2020-001162-12-FR", "EU-CTR", SID + "ictrp", PORTAL + "EUCTR2020-001162-12-FR"),
    ("EUCTR2010-018836-10-Outside-EU/EEA", "EU-CTR", SID + "ictrp", PORTAL + "EUCTR2010-018836-10-Outside-EU/EEA"),
    ("ISRCTN14966673", "ISRCTN", SID + "isrctn", "https://www.isrctn.com/ISRCTN14966673"),
    ("DRKS00038775", "DRKS", MII + "drks", "https://drks.de/search/en/trial/DRKS00038775"),
    ("ChiCTR2000034346", "ChiCTR", SID + "chictr", PORTAL + "ChiCTR2000034346"),
    ("ChiCTR-TRC-00000402", "ChiCTR", SID + "chictr", PORTAL + "ChiCTR-TRC-00000402"),
    ("ChiCTR-TNRC-00000326", "ChiCTR", SID + "chictr", PORTAL + "ChiCTR-TNRC-00000326"),
    ("ITMCTR2100005000", "ITMCTR", SID + "itmctr", PORTAL + "ITMCTR2100005000"),
    ("ACTRN12609000074291", "ANZCTR", SID + "anzctr", "https://www.anzctr.org.au/ACTRN12609000074291.aspx"),
    ("jRCTs031190227", "jRCT", SID + "jrct", "https://jrct.mhlw.go.jp/en-latest-detail/jRCTs031190227"),
    ("jRCT2031230099", "jRCT", SID + "jrct", "https://jrct.mhlw.go.jp/en-latest-detail/jRCT2031230099"),
    ("UMIN000027045", "UMIN-CTR", SID + "umin-ctr", PORTAL + "JPRN-UMIN000027045"),
    ("JapicCTI-205323", "JapicCTI", SID + "japiccti", PORTAL + "JPRN-JapicCTI-205323"),
    ("JMA-IIA00123", "JMA-CCT", SID + "jma-cct", PORTAL + "JPRN-JMA-IIA00123"),
    ("JPRN-jRCTs031190227", "JPRN", SID + "ictrp", PORTAL + "JPRN-jRCTs031190227"),
    ("JPRN-UMIN000027045", "JPRN", SID + "ictrp", PORTAL + "JPRN-UMIN000027045"),
    ("JPRN-JapicCTI-205323", "JPRN", SID + "ictrp", PORTAL + "JPRN-JapicCTI-205323"),
    ("CTRI/2009/091/000116", "CTRI", SID + "ctri", PORTAL + "CTRI/2009/091/000116"),
    ("CTRI/2022/06/043399", "CTRI", SID + "ctri", PORTAL + "CTRI/2022/06/043399"),
    ("KCT0000379", "CRIS", SID + "cris", PORTAL + "KCT0000379"),
    ("PACTR201008000236160", "PACTR", SID + "pactr", PORTAL + "PACTR201008000236160"),
    ("IRCT138711091556N2", "IRCT", SID + "irct", PORTAL + "IRCT138711091556N2"),
    ("IRCT20100228003449N29", "IRCT", SID + "irct", PORTAL + "IRCT20100228003449N29"),
    ("RBR-5kzyp8", "ReBEC", SID + "rebec", "https://ensaiosclinicos.gov.br/rg/RBR-5kzyp8"),
    ("NTR383", "NTR", SID + "ntr", PORTAL + "NTR383"),
    ("NL8485", "NTR", SID + "ntr", PORTAL + "NL8485"),
    ("NL-OMON55279", "OMON", SID + "omon", PORTAL + "NL-OMON55279"),
    ("TCTR20200321001", "TCTR", SID + "tctr", "https://www.thaiclinicaltrials.org/show/TCTR20200321001"),
    ("SLCTR/2008/008", "SLCTR", SID + "slctr", PORTAL + "SLCTR/2008/008"),
    ("RPCEC00000014", "RPCEC", SID + "rpcec", "https://rpcec.sld.cu/en/trials/RPCEC00000014-En"),
    ("PER-001-20", "REPEC", SID + "repec", PORTAL + "PER-001-20"),
    ("LBCTR2019010182", "LBCTR", SID + "lbctr", PORTAL + "LBCTR2019010182"),
    ("U1111-1119-5101", "UTN", MII + "utn", ""),
]

NO_REGISTRY = [
    "", "Nil known", "HTA 11/01/25", "17473621", "NCI-2020-00751", "U10CA180821",
    "NCT0354047", "NCT035404722", "nct03540472", " NCT03540472", "NCT03540472\n", "NCT٠٣٥٤٠٤٧٢", "SPYRAL (NCT07115953)",
    "EudraCT 2005-004274-24", "2018-A03282-53", "ISRCTN-95931417", "JRCT2031240016", "U1234-1234-1234",
    "NL73848", "NL73848.000.21", "CTR20210588", "EUPAS37728", "SNCTP000006696",
]


@pytest.mark.parametrize(("number", "name", "system", "page"), NUMBERS)
def test_a_number_tells_its_registry(number, name, system, page):
    registry = registry_of(number)
    assert registry is not None
    assert (registry.name, registry.system, registry.web.format(number)) == (name, system, page)


@pytest.mark.parametrize("number", NO_REGISTRY)
def test_another_number_tells_none(number):
    assert registry_of(number) is None


def test_a_number_has_one_registry():
    for number, *_ in NUMBERS:
        assert len([form for form, _ in FORMS if form.fullmatch(number)]) == 1, number


def test_every_form_has_its_case():
    assert {registry for _, registry in FORMS} == {registry_of(number) for number, *_ in NUMBERS}


def test_a_system_of_our_own_or_the_mii_has_one_registry():
    named = sorted({(registry.system, registry.name) for _, registry in FORMS if registry.system != SID + "ictrp"})
    assert [system for system, group in groupby(named, lambda pair: pair[0]) if len(list(group)) > 1] == []


def test_clinicaltrials_gov_is_written_under_five_systems():
    registry = registry_of("NCT03540472")
    assert registry is not None
    assert len(set(SPELLINGS)) == 5
    assert SPELLINGS[0] == CLINICALTRIALS_GOV == registry.system


CTGOV = Registry("ClinicalTrials.gov", "http://clinicaltrials.gov")
DRKS = Registry("DRKS", MII + "drks")
CTIS = Registry("CTIS", "https://euclinicaltrials.eu/clinicalTrialId")


@pytest.mark.parametrize(("registry", "system", "answer"), [
    *((CTGOV, system, True) for system in SPELLINGS),
    (CTGOV, "HTTP://ClinicalTrials.gov", True), (CTGOV, "https://ClinicalTrials.gov/NCTID", True),
    (CTGOV, "urn:OID:2.16.840.1.113883.3.1077", True),
    (CTGOV, "https://clinicaltrials.gov/study", False), (CTGOV, MII + "drks", False), (CTGOV, "", False),
    (DRKS, MII + "drks", True), (DRKS, MII + "DRKS", True), (DRKS, MII + "utn", False),
    (DRKS, "http://clinicaltrials.gov", False),
    (CTIS, "https://euclinicaltrials.eu/clinicalTrialId", True),
    (CTIS, "https://euclinicaltrials.eu/clinicaltrialid", True),
])
def test_a_system_is_the_registrys_in_any_case_and_spelling(registry, system, answer):
    assert is_registry_system(registry, system) is answer
