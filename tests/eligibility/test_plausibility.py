"""What nobody can mean, or what may mean two things, is left in words: each text beside one that is like it and certain."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from converter.eligibility import tables
from converter.eligibility.findings import Combined, Comparison, Meaning, Mention, Side, Statement, leaves
from converter.eligibility.plausibility import says_more
from converter.eligibility.understanding import understand
from converter.eligibility.units import measures
from converter.eligibility.variables import variable

CASES: list[tuple[Side, str, str]] = [
    ("inclusion", "Children, adolescents", "Children and adolescents"),
    ("inclusion", "Men and postmenopausal women", "Postmenopausal women"),
    ("inclusion", "Patients with migraine and healthy volunteers", "Patients with migraine"),
    ("exclusion", "Women, pregnant or breastfeeding", "Women who are pregnant or breastfeeding"),
    ("exclusion", "Does not speak English or Spanish", "Does not speak English"),
    ("inclusion", "Diagnosis of schizophrenia or bipolar disorder, age 18-65 years", "Diagnosis of schizophrenia, age 18-65 years"),
    ("inclusion", "Patients with liver metastases must have AST < 5 x ULN", "Patients must have AST < 5 x ULN"),
    ("inclusion", "Men must agree to use contraception", "Women of childbearing potential must agree to use contraception"),
    ("inclusion", "Patients with asthma are eligible", "Eligible patients with asthma"),
    ("inclusion", "Adults aged 18-80 years with stroke within 24 hours", "Stroke within 24 hours"),
    ("exclusion", "BMI > 40 or bariatric surgery within 1 year", "Surgery or chemotherapy within 1 year"),
    ("inclusion", "Age ≥ 45 for men and ≥ 55 for women", "Age ≥ 45 and ≤ 55"),
    ("inclusion", "Age > 18 years at diagnosis", "Age > 18 years at enrollment"),
    ("exclusion", "Cancer, except melanoma, within the past 5 years", "Cancer, except melanoma"),
    ("exclusion", "Signs of heart failure", "Heart failure"),
    ("exclusion", "Hypersensitivity or contraindication to metformin", "Contraindication to metformin"),
    ("exclusion", "Women of childbearing potential must have a negative pregnancy test", "Women of childbearing potential"),
    ("exclusion", "Must be without severe asthma", "Severe asthma"),
    ("exclusion", "Investigational drugs within 4 weeks or 5 half-lives, whichever is longer", "Investigational drugs within 4 weeks"),
    ("inclusion", "Type 1 diabetes (diagnosed age 1-20 years)", "Type 1 diabetes (age 1-20 years)"),
    ("inclusion", "Adult patient, parent or legal guardian is willing to give informed consent", "Adult patient is willing to give informed consent"),
    ("inclusion", "Postmenopausal women or men", "Men or postmenopausal women"),
    ("inclusion", "Infants of breastfeeding mothers", "Breastfeeding mothers"),
    ("inclusion", "Age 12-17 years with weight ≥ 40 kg or age ≥ 18 years", "Age 12-17 years with weight ≥ 40 kg"),
    ("inclusion", "Living with a person aged 65 years or older", "A person aged 65 years or older"),
    ("exclusion", "Infection as a child", "Infection"),
    ("inclusion", "Young adults", "Adults"),
    ("exclusion", "Plans to become pregnant or breastfeed", "Planning to become pregnant, or breastfeeding"),
    ("exclusion", "Chronic use of steroids or other immunosuppressive agents", "Steroids or other immunosuppressive agents"),
    ("exclusion", "Hypersensitivity to penicillin, aspirin or pregnancy", "Hypersensitivity to penicillin or aspirin"),
    ("exclusion", "Cancer except basal cell carcinoma or pregnancy", "Cancer except basal cell carcinoma or melanoma"),
    ("inclusion", "Patients with other psychiatric comorbidities are included", "Patients with psychiatric comorbidities"),
    ("exclusion", "Unable to read the consent form", "Unable to give consent"),
    ("inclusion", "Karnofsky/Lanksy performance score ≥ 50", "Karnofsky performance score ≥ 50"),
    ("inclusion", "ECOG ≤ 2 (Karnofsky ≥ 60)", "ECOG ≤ 2"),
    ("exclusion", "Liver disease (e.g. cirrhosis that may interfere with the study)", "Liver disease (e.g. cirrhosis)"),
    ("inclusion", "Men and women of childbearing potential", "Women of childbearing potential"),
    ("exclusion", "Corticosteroids within 4 weeks prior to Visit 1 or during screening", "Corticosteroids within 4 weeks prior to Visit 1"),
    ("exclusion", "Cancer diagnosed within 5 years", "Cancer within 5 years"),
    ("inclusion", "Native speakers of English", "Speakers of English"),
    ("exclusion", "Pregnant or planning to become pregnant within the next month", "Pregnant or planning to become pregnant"),
    ("inclusion", "AST or ALT < 3 x ULN", "AST and ALT < 3 x ULN"),
    ("inclusion", "Total bilirubin < 1 x ULN, ALT or AST ≤ 1.5 x ULN", "Total bilirubin < 1 x ULN, ALT and AST ≤ 1.5 x ULN"),
    ("inclusion", "Bilirubin ≤ 1.5 x ULN, ASAT & ALST ≤ 1.5 x ULN", "Bilirubin ≤ 1.5 x ULN, ASAT & ALAT ≤ 1.5 x ULN"),
    ("exclusion", "Coagulopathy (platelet count < 50000/mm3, INR > 1.5)", "Coagulopathy (platelet count < 50000/mm3 or INR > 1.5)"),
    ("exclusion", "BMI = 35 kg/m2", "BMI ≥ 35 kg/m2"),
    ("exclusion", "Creatinine > 1.5", "Creatinine > 1.5 mg/dL"),
    ("exclusion", "Body weight < 50", "Body weight < 50 kg"),
    ("exclusion", "Creatinine > 1.6 mg/mL", "Creatinine > 1.6 mg/dL"),
    ("exclusion", "NYHA class III or IV, or NYHA class II within 6 months", "NYHA class III or IV within 6 months"),
    ("exclusion", "Major surgery other than diagnosis or biopsy", "Major surgery other than biopsy"),
    ("inclusion", "Between the ages of 18 and 40 for women", "Between the ages of 18 and 40"),
    ("exclusion", "PaO2/FiO2 < 200", "SBP < 90"),
    ("exclusion", "Platelets < 100", "INR > 1.5"),
    ("inclusion", "At least two of the following: asthma or stroke", "At least two of the following: asthma, stroke or epilepsy"),
    ("exclusion", "Women of non-childbearing potential", "Women of childbearing potential"),
    ("inclusion", "Men or postmenopausal women aged 40 to 75 years", "Postmenopausal women aged 40 to 75 years"),
    ("exclusion", "Pulmonary embolism or hypertension", "Pulmonary embolism or epilepsy"),
    ("inclusion", "No liver cirrhosis or cancer", "No liver cirrhosis or epilepsy"),
    ("exclusion", "Women aged 18-45 years, pregnant or breastfeeding", "Women who are pregnant or breastfeeding"),
    ("inclusion", "Children, adolescents and adults", "Children and adolescents"),
    ("inclusion", "Women and children", "Women"),
    ("inclusion", "Men and pregnant women", "Pregnant women"),
    ("inclusion", "Pregnant and breastfeeding women", "Pregnant or breastfeeding women"),
    ("inclusion", "Currently breastfeeding, infant under 6 months", "Currently breastfeeding"),
    ("exclusion", "Enrolled in a clinical trial or unable to consent", "Unable to consent"),
    ("exclusion", "Unwilling to give consent or use contraception", "Unwilling to use contraception"),
    ("inclusion", "No stroke, myocardial infarction, or angina within 6 months", "No stroke or myocardial infarction within 6 months"),
    ("exclusion", "Adults unable to consent, pregnant women, and children", "Adults unable to consent"),
    ("exclusion", "Diabetes; no hypertension", "Diabetes; hypertension"),
    ("exclusion", "Chemotherapy; immunotherapy; or radiotherapy within 4 weeks", "Radiotherapy within 4 weeks"),
    ("inclusion", "Bilirubin < 2 mg/dL in the absence of Gilbert's disease", "Bilirubin < 2 mg/dL"),
    ("exclusion", "QTc prolongation by > 60 ms", "QTc prolongation > 450 ms"),
    ("inclusion", "Men (40-75 years) and women (45-75 years)", "Men and women (45-75 years)"),
    ("inclusion", "Age ≥ 18 years, able to speak English or Spanish", "Able to speak English or Spanish"),
    ("inclusion", "Heart failure, LVEF < 40% or NYHA > 2", "LVEF < 40% or NYHA > 2"),
    ("exclusion", "Stroke, in patients with epilepsy", "Stroke or epilepsy"),
    ("exclusion", "Type 2 diabetes, treated with metformin", "Type 2 diabetes or metformin"),
    ("exclusion", "Stroke not in the past 6 months", "Stroke in the past 6 months"),
    ("inclusion", "No refusal to give consent", "Gives consent"),
    ("inclusion", "Not unwilling to use contraception", "Willing to use contraception"),
    ("inclusion", "Native English speakers", "English speakers"),
    ("inclusion", "Not exclusively breastfeeding", "Not breastfeeding"),
    ("inclusion", "Never pregnant", "Not pregnant"),
    ("exclusion", "Cancer other than skin cancer, or HIV infection", "Cancer other than skin cancer"),
    ("exclusion", "Prostate cancer other than adenocarcinoma, such as neuroendocrine cancer", "Prostate cancer other than adenocarcinoma"),
    ("exclusion", "Hypertrophic cardiomyopathy (diastolic septal thickness > 15 mm)", "Hypertension (diastolic pressure > 115 mm Hg)"),
    ("exclusion", "Hemoglobin < 9 g/dL (8 g/dL)", "Hemoglobin < 9 g/dL (90 g/L)"),
    ("exclusion", "Heart rate > 120 beats/min or 140/90 mmHg", "Heart rate > 120 beats/min"),
    ("inclusion", "Inpatients aged > 18 years", "Patients aged > 18 years"),
    ("exclusion", "Patients aged < 18 years patients aged > 18 years with a hernia", "Patients aged < 18 years"),
    ("exclusion", "Chronic inflammatory disorders apart from lupus affecting the joints", "Chronic inflammatory disorders apart from lupus"),
    ("exclusion", "Prior exposure to neuroleptic agents or drug use", "Prior exposure to neuroleptic agents"),
    ("inclusion", "Atopic dermatitis who are receiving or have received cyclosporine", "Receiving or have received cyclosporine"),
    ("exclusion", "Hospitalization for myocardial infarction or unstable angina", "Hospitalization for myocardial infarction"),
    ("exclusion", "Women who are not pregnant", "Women who are pregnant"),
    ("inclusion", "Non-lactating women", "Not lactating"),
    ("inclusion", "HDL cholesterol > 40 mg/dL (men)", "HDL cholesterol > 40 mg/dL (men) or > 50 mg/dL (women)"),
    ("exclusion", "Antipyretic use within 6 hours of presentation", "Antipyretic use within 6 hours before presentation"),
    ("inclusion", "Meets eligibility criteria for MRI", "Meets the Rome III criteria for constipation"),
    ("inclusion", "Should not have been on metformin or insulin for at least 2 months", "No metformin or insulin for at least 2 months"),
    ("exclusion", "Esophageal diverticulum or stricture", "Esophageal diverticulum or asthma"),
    ("inclusion", "Ischemic stroke, confirmed by CT or MRI", "Ischemic stroke"),
    ("exclusion", "History of, or known active tuberculosis", "Known active tuberculosis"),
    ("inclusion", "BMI of at least 18 kg/m2 or at most 32 kg/m2", "BMI of at least 18 kg/m2"),
    ("inclusion", "Negative for malignancy for the past 5 years", "Malignancy for 5 years"),
    ("exclusion", "Blood pressure less than 100/60 mmHg", "Blood pressure greater than 160/100 mmHg"),
    ("exclusion", "Hypertension, with systolic pressure > 170 or < 80 mmHg", "Hypertension or systolic pressure > 170 mmHg"),
    ("exclusion", "Chemotherapy within 3 weeks (6 weeks for nitrosoureas)", "Chemotherapy within 3 weeks"),
    ("exclusion", "Implantable pacemaker or defibrillator", "Defibrillator or implantable pacemaker"),
    ("inclusion", "Age 18 to 65 years, except patients with asthma", "Age 18 to 65 years"),
    ("inclusion", "Age at least 18 years, parent or guardian is willing to give consent", "Age at least 18 years, willing to give consent"),
    ("inclusion", "Children of pregnant women", "Pregnant women"),
    ("exclusion", "Hypersensitivity to penicillin, aspirin or cancer", "Hypersensitivity to penicillin or aspirin"),
    ("exclusion", "Active cancer or hepatitis", "Active cancer or pneumonia"),
    ("inclusion", "Diagnosis of asthma at age ≥ 18 years", "Diagnosis of asthma, age ≥ 18 years"),
    ("inclusion", "Hemoglobin > 9 mg/dL", "Hemoglobin > 9 g/dL"),
    ("inclusion", "Platelets ≥ 75000 x 10^9/L", "Platelets ≥ 75 x 10^9/L"),
    ("exclusion", "Creatinine > 130 mmol/L or diabetes", "Creatinine > 130 µmol/L or diabetes"),
    ("inclusion", "AST, ammonia < 2 x ULN", "AST, ALT < 2 x ULN"),
    ("exclusion", "Breast, lung or colon cancer", "Colon cancer or lung cancer"),
]


def written_below(side: Side, text: str) -> str:
    return f"{side.capitalize()} Criteria:\n\n* {text}\n"


def understood(side: Side, text: str) -> Meaning | None:
    understanding = understand(written_below(side, text))
    [section] = understanding.tree.nodes
    [node] = section.children
    return understanding.meaning(node)


def meant(side: Side, text: str) -> Meaning:
    meaning = understood(side, text)
    assert meaning is not None
    return meaning


@pytest.mark.parametrize(("side", "text", "certain"), CASES, ids=[text for _, text, _ in CASES])
def test_what_cannot_be_meant_has_no_meaning(side: Side, text: str, certain: str) -> None:
    assert not understood(side, text)
    assert understood(side, certain)


EXACT: list[tuple[Side, str, list[str]]] = [
    ("exclusion", "Active malignancy", ["malignancy D009369"]),
    ("exclusion", "Active tuberculosis", ["Active tuberculosis"]),
    ("inclusion", "Active rheumatoid arthritis", ["Active rheumatoid arthritis"]),
    ("exclusion", "Acute pancreatitis", ["Acute pancreatitis K85"]),
    ("exclusion", "Congestive heart failure", ["Congestive heart failure D006333 I50"]),
    ("exclusion", "Organ transplantation including stem cell transplantation", ["Organ transplantation including stem cell transplantation"]),
    ("exclusion", "Sinus surgery (including polypectomy) within 6 months", ["Sinus surgery (including polypectomy)"]),
    ("inclusion", "No other neurological disorder", ["other neurological disorder"]),
    ("inclusion", "No other concurrent hormonal therapy", ["other concurrent hormonal therapy"]),
    ("exclusion", "Treatment of PTSD", ["Treatment of PTSD"]),
    ("inclusion", "Has a Child-Pugh score ≤ 6", ["child_pugh"]),
    ("inclusion", "Children, except newborns", ["life-stage child", "life-stage newborn"]),
    ("exclusion", "Esophageal varices", ["Esophageal varices I85"]),
    ("exclusion", "Uncontrolled asthma or other active respiratory diseases", ["Uncontrolled asthma", "other active respiratory diseases"]),
    ("inclusion", "Children between the ages of 4-19 years", ["age"]),
    ("inclusion", "Adult men over 19 years of age", ["sex male", "age"]),
    ("inclusion", "Adults with asthma", ["life-stage adult", "asthma D001249 J45"]),
    ("inclusion", "Premenopausal women", ["life-stage premenopausal", "sex female"]),
]


@pytest.mark.parametrize(("side", "text", "expected"), EXACT, ids=[text for _, text, _ in EXACT])
def test_no_code_says_more_or_less_than_the_words(side: Side, text: str, expected: list[str]) -> None:
    written = written_below(side, text)
    found = []
    for one in leaves(meant(side, text)):
        if isinstance(one, Mention):
            found.append(" ".join([written[one.start:one.end], *(code.code for code in one.codes)]))
        elif isinstance(one, Statement):
            found.append(f"{one.kind} {one.value}")
        elif isinstance(one, Comparison):
            found.append(str(one.variable))
    assert found == expected


@pytest.mark.parametrize("row", [*tables.named_rows("left_in_words.tsv")], ids=lambda row: row["pattern"])
def test_what_says_more_is_found_by_its_own_pattern_alone(row: dict[str, str]) -> None:
    assert [other["pattern"] for other in tables.named_rows("left_in_words.tsv") if re.search(other["pattern"], row["example"])] == [row["pattern"]]
    assert any(word in row["example"] for word in row["words"].split("|"))
    assert says_more(row["example"], 0, len(row["example"]))


def test_what_only_women_are_may_stand_below_men_and_women() -> None:
    understanding = understand("Inclusion Criteria:\n\n* All of the following:\n  * Men and women\n  * Women of childbearing potential\n")
    [section] = understanding.tree.nodes
    [node] = section.children
    assert understanding.meaning(node) is not None


def test_who_had_it_once_has_a_history_of_it() -> None:
    [found] = [one for one in leaves(meant("exclusion", "History of active tuberculosis")) if isinstance(one, Mention)]
    assert found.status == "history"


def test_extremes_are_of_listed_variables_in_units_that_they_accept() -> None:
    for row in tables.named_rows("extremes.tsv"):
        assert measures(row["unit"]) in variable(row["variable"]).accepts, row
        assert Decimal(row["least"]) < Decimal(row["most"]), row


def test_what_goes_on_behind_a_comma_is_demanded_as_well() -> None:
    found = understood("inclusion", "Patients aged ≥ 18 years, with epilepsy or stroke")
    assert isinstance(found, Combined) and found.how == "all-of"
    age, either = found.parts
    assert isinstance(age, Comparison) and isinstance(either, Combined) and either.how == "any-of"
