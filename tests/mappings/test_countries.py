"""Country names as registries write them, and the codes they get."""

import pytest

from mappings.countries import CODES, COUNTRIES, country_code

CURRENT = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
    CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA
    GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS
    MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS
    RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW
    TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
ISO_3166_1 = CURRENT.split()

NAMED = [
    # ClinicalTrials.gov, over the years
    ("Korea, Republic of", "KR"), ("South Korea", "KR"), ("Korea, Democratic People's Republic of", "KP"),
    ("Iran, Islamic Republic of", "IR"), ("Iran", "IR"), ("Russian Federation", "RU"), ("Russia", "RU"),
    ("Turkey", "TR"), ("Turkey (Türkiye)", "TR"), ("Türkiye", "TR"), ("Côte D'Ivoire", "CI"), ("Côte d’Ivoire", "CI"),
    ("Czech Republic", "CZ"), ("Czechia", "CZ"), ("Congo", "CG"), ("Congo, The Democratic Republic of the", "CD"),
    ("Lao People's Democratic Republic", "LA"), ("Laos", "LA"), ("North Macedonia", "MK"),
    ("Macedonia, The Former Yugoslav Republic of", "MK"), ("Moldova, Republic of", "MD"), ("Moldova", "MD"),
    ("Palestinian Territories, Occupied", "PS"), ("Palestinian Territory, occupied", "PS"),
    ("Libyan Arab Jamahiriya", "LY"), ("Libya", "LY"), ("Swaziland", "SZ"), ("Eswatini", "SZ"), ("Cape Verde", "CV"),
    ("Cabo Verde", "CV"), ("Burma", "MM"), ("Myanmar", "MM"), ("Taiwan", "TW"), ("Hong Kong", "HK"), ("Macau", "MO"),
    ("Viet Nam", "VN"), ("Vietnam", "VN"), ("Syrian Arab Republic", "SY"), ("Syria", "SY"), ("Tanzania", "TZ"),
    ("United States", "US"), ("United Kingdom", "GB"), ("Réunion", "RE"), ("Puerto Rico", "PR"), ("Guam", "GU"),
    ("Federated States of Micronesia", "FM"), ("Holy See (Vatican City State)", "VA"), ("Virgin Islands (U.S.)", "VI"),
    ("Brunei Darussalam", "BN"), ("Georgia", "GE"), ("Jersey", "JE"), ("Montenegro", "ME"), ("Serbia", "RS"),
    # WHO ICTRP and the registries behind it
    ("Iran (Islamic Republic of)", "IR"), ("Iran, Islamic Republic Of", "IR"), ("Korea, Republic Of", "KR"),
    ("Republic of Korea", "KR"), ("Taiwan, Province Of China", "TW"), ("United States of America", "US"), ("USA", "US"),
    ("The Netherlands", "NL"), ("Netherlands (Kingdom of the)", "NL"), ("People's Republic of China", "CN"),
    ("Cote Divoire", "CI"), ("United Republic of Tanzania", "TZ"), ("Bolivia (Plurinational State of)", "BO"),
    ("French Guiana", "GF"),
    # the EU's registers, ISRCTN
    ("UK", "GB"), ("England", "GB"), ("Scotland", "GB"), ("Wales", "GB"), ("Northern Ireland", "GB"), ("Ireland", "IE"),
    ("Congo, Democratic Republic", "CD"), ("Slovak Republic", "SK"), ("Gambia", "GM"), ("Bosnia and Herzegovina", "BA"),
]

UNNAMED = [
    "", " ", "Former Serbia and Montenegro", "Serbia and Montenegro", "Former Yugoslavia", "Yugoslavia", "Kosovo",
    "Netherlands Antilles", "Czechoslovakia", "USSR",
    "Korea", "Micronesia", "Saint Martin", "Virgin Islands",                             # each names two places
    "European Union", "EU", "Europe", "Worldwide", "Africa",                             # not countries
    "Chian", "Chinese", "China?", "Wuhan", "France;Belgium", "Germany:2", "DE", "DEU",   # not names, though found
]


def test_the_table_has_the_codes_of_iso_3166_1():
    assert list(COUNTRIES) == ISO_3166_1
    assert len(set(ISO_3166_1)) == 249
    assert all(len(code) == 2 and code.isascii() and code.isupper() for code in COUNTRIES)


def test_a_name_has_one_code():
    assert len(CODES) == sum(len(names.split("|")) for names in COUNTRIES.values())


def test_every_name_in_the_table_is_found():
    for code, names in COUNTRIES.items():
        assert {country_code(name) for name in names.split("|")} == {code}


@pytest.mark.parametrize(("name", "code"), NAMED)
def test_a_name_gives_the_code(name, code):
    assert country_code(name) == code


@pytest.mark.parametrize("name", UNNAMED)
def test_no_code_is_better_than_a_wrong_one(name):
    assert country_code(name) is None


@pytest.mark.parametrize("name", [
    "UNITED STATES", "united states", "United States\n    ", " United \u00a0States", "United\tStates",
])
def test_case_and_white_space_do_not_matter(name):
    assert country_code(name) == "US"


@pytest.mark.parametrize("name", ["CÔTE D'IVOIRE", "Côte d’Ivoire", "Cote D’Ivoire"])
def test_either_apostrophe_will_do(name):
    assert country_code(name) == "CI"
