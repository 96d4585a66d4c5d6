"""The two sample pages, and the Trial that each gives, fact for fact."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from converter.formats.clinconnect_page import FORMAT as CLINCONNECT
from converter.formats.meddatax_page import FORMAT as MEDDATAX
from converter.trial import (
    Arm,
    Contact,
    Enrollment,
    Identifier,
    Intervention,
    Milestone,
    Official,
    Organization,
    Publication,
    ResponsibleParty,
    Site,
    Trial,
)

SAMPLES = Path(__file__).parents[2] / "samples" / "pages"
C_PAGE = (SAMPLES / "clinconnect_refractory_ra_tacrolimus.txt").read_bytes()
M_PAGE = (SAMPLES / "registry_page_NCT03540472.txt").read_bytes()
PAGES: dict[str, tuple[Any, bytes]] = {"clinconnect_page": (CLINCONNECT, C_PAGE), "meddatax_page": (MEDDATAX, M_PAGE)}


def text_line(document: bytes, number: int) -> str:
    """The long texts stand in the samples on one line each."""
    return document.decode().split("\n")[number - 1].strip()


TACROLIMUS_RA = Trial(
    source="clinconnect_page",
    title="The Efficacy and Safety of Tacrolimus in Refractory Rheumatoid Arthritis Patients for 6 Months and Long-term "
          "Treatment",
    status="Completed",
    completion=Milestone(not_reported=True),
    first_submitted="2016-07-15",
    update_posted=Milestone(date="2025-09-07"),
    sponsor=Organization(name="Qiang Shu"),
    summary=text_line(C_PAGE, 8),
    criteria="""\
Inclusion Criteria:

1. Patients diagnosed based on 1987 ACR classification criteria for rheumatoid arthritis;
2. Age ≥18 years;
3. Patients have a history of DMARDs including csDMARDs(methotrexate,leflunomide, hydroxychloroquine, iguratimod, \
sulfasalazine) or any biologic DMARDs(TNFi,tocilizumab or Tofacitinib),prednisone or Chinese traditional \
Medicine(tripterygium Glycosides,Sinomenine)for 3 months, but couldn't achieve clinical remission, or couldn't tolerate \
one or more DMARDs;
4. Medium or high disease activity (DAS28≥3.2);
5. Extra-articular manifestations (such as pulmonary fibrosis, proteinuria, leukopenia and peripheral neuropathy ) of RA \
patients are stable or no significant progress;
6. Dose of prednisone and NSAIDs remain stable for at least one month.

Exclusion Criteria:

1. Patients with acute or chronic infections such as active bacterial, viral, fungal, tuberculosis infection or active \
hepatitis B;
2. Platelet counts(PLT) \\<80 x 10\\^9 / L, or white blood cell (WBC) \\<3 x 10\\^9 / L;
3. Propionate acid aminotransferase (ALT) or aspartate aminotransferase (AST) is two times higher than the upper limit \
of normal;
4. Renal insufficiency: serum Cr ≥ 176 umol / L;
5. Pregnant or nursing women (breastfeeding) ;
6. Patients has a history of malignancy (cure time in less than 5 years);
7. Patients with severe or poorly controlled hypertension, diabetes or cardiac dysfunction;
8. Other comorbidities that cannot be treated with immune suppressants. In addition, once patients experience severe \
adverse drug reactions、ineffective treatment or rapid progression of rheumatoid arthritis, then quit this research.""",
    sex="All",
    officials=(Official(name="Qiang Shu, Dr.", role="Principal Investigator",
                        affiliation="Qilu Hospital of Shandong University"),),
    sites=(Site(city="Jinan", state="Shandong", country="China"),),
)
TACROLIMUS_PRCA = Trial(
    source="meddatax_page",
    id="NCT03540472",
    protocol_id=Identifier(value="tacrolimus-001"),
    title="Tacrolimus Treatment for Refractory PRCA",
    status="Unknown status",
    start=Milestone(date="2018-06-10"),
    completion=Milestone(date="2020-06-10"),
    update_posted=Milestone(date="2018-05-30"),
    has_results=False,
    responsible_party=ResponsibleParty(kind="Principal Investigator", name="Bing Han", title="Professor"),
    sponsor=Organization(name="Peking Union Medical College Hospital", kind="Other"),
    summary=text_line(M_PAGE, 45),
    description=text_line(M_PAGE, 51),
    conditions=("Pure Red Cell Aplasia",),
    study_type="Interventional",
    phases=("Phase 4",),
    allocation="N/A",
    intervention_model="Single Group Assignment",
    primary_purpose="Treatment",
    masking="None (Open Label)",
    enrollment=Enrollment(count=30),
    arms=(Arm(
        name="efficiency of tacrolimus on PRCA",
        kind="Experimental",
        description="A prospective research of the tacrolimus efficiency on refractory PRCA patients On refractory PRCA "
                    "patients, tacrolimus was tried. Dosage: 1mg bid and tacrolimus trough targets were 5-10 ng/ml "
                    "throughout the study.\n\nMedication time should last at least 6 months.",
        interventions=("Drug: tacrolimus",),
    ),),
    interventions=(Intervention(
        kind="Drug",
        name="tacrolimus",
        description="On refractory PRCA patients, tacrolimus was tried. Dosage: 1mg bid and tacrolimus trough targets "
                    "were 5-10 ng/ml throughout the study",
        arms=("efficiency of tacrolimus on PRCA",),
        other_names=("tacrolimus capsule",),
    ),),
    criteria="""\
Inclusion Criteria:

Refractory pure red cell aplasia. 18-80 years old. No response or intolerant to first and second line therapies. Written \
informed consent.

Exclusion Criteria:

Other diseases which might cause hematological abnormalities. Response and well tolerate to first or second line therapy. \
Patients who are under 18-year-old or over 80-year-old. Pregnant or lactating. Patients unwilling to or unable to comply \
with the protocol.""",
    healthy_volunteers=False,
    sex="All",
    minimum_age="18 Years",
    maximum_age="80 Years",
    contacts=(Contact(name="Zhangbiao Long, M.D.", role="Contact", phone="+86 13011826728"),
              Contact(name="Hongmin Li, M.D.", role="Contact", phone="+86 15811152096")),
    sites=(Site(
        facility="Peking Union Medical College Hospital", status="Recruiting",
        city="Beijing", state="Beijing Municipality", country="China",
        contacts=(Contact(name="Zhangbiao Long, M.D.", role="primary", phone="+86 13011826728"),),
    ),),
    publications=(Publication(pmid="22471345", kind="Result", citation=text_line(M_PAGE, 206)),
                  Publication(pmid="21168455", kind="Result", citation=text_line(M_PAGE, 211))),
)
TRIALS = {"clinconnect_page": TACROLIMUS_RA, "meddatax_page": TACROLIMUS_PRCA}
SAID = {
    "clinconnect_page": [],
    "meddatax_page": [
        "line 57: 'Pure Red Cell Aplasia' may be one condition or several, joined by spaces; it is kept whole as one",
        "line 111: 'tacrolimus capsule' may be one other name or several, joined by spaces; it is kept whole as one",
        "line 196: the facility contacts are kept with the only site; the page does not say where they are",
        "line 198: 'primary' is a word that no list has; it is kept as it stands",
    ],
}
