"""Code systems: a word of the Trial on the left, its FHIR code on the right.

Codes as in the packages hl7.fhir.r4.core 4.0.1, hl7.fhir.r5.core 5.0.0 and hl7.terminology.  A word without a code is
written as text only.  R5 moved several systems: each is named as (R5, R4), both are read.
"""

THO = "http://terminology.hl7.org/CodeSystem/"
R5 = "http://hl7.org/fhir/"

STATUS_SYSTEM = (R5 + "research-study-status", THO + "research-study-status")
STATUS = {
    "Not yet recruiting": "not-yet-recruiting", "Recruiting": "recruiting",
    "Enrolling by invitation": "enrolling-by-invitation", "Active, not recruiting": "active-but-not-recruiting",
    "Suspended": "temporarily-closed-to-accrual", "Terminated": "terminated", "Completed": "completed",
    "Withdrawn": "withdrawn",
    # HL7's other words, which no registry here uses but others may write
    "Active": "active", "Administratively completed": "administratively-completed", "Approved": "approved",
    "Closed to accrual": "closed-to-accrual", "Closed to accrual and intervention": "closed-to-accrual-and-intervention",
    "Disapproved": "disapproved", "In review": "in-review",
    "Temporarily closed to accrual and intervention": "temporarily-closed-to-accrual-and-intervention",
}
SITE_STATUS = {
    **STATUS, "Available": "available", "No longer available": "no-longer-available",
    "Temporarily not available": "temporarily-not-available", "Approved for marketing": "approved-for-marketing",
    "Withheld": "withheld", "Unknown status": "unknown",
}
"""As a code for our own extension in R4, where every word needs one."""
R4_STATES = {
    "Active": "active", "Administratively completed": "administratively-completed", "Approved": "approved",
    "Closed to accrual": "closed-to-accrual", "Closed to accrual and intervention": "closed-to-accrual-and-intervention",
    "Completed": "completed", "Disapproved": "disapproved", "Suspended": "temporarily-closed-to-accrual",
    "Temporarily closed to accrual and intervention": "temporarily-closed-to-accrual-and-intervention", "Withdrawn": "withdrawn",
}
"""R4's status where nothing more exact stands beside it.  Not in-review: that is what a record without a status gets."""
R4_STATUS = {
    **R4_STATES,
    "Not yet recruiting": "approved", "Recruiting": "active", "Enrolling by invitation": "active",
    "Active, not recruiting": "closed-to-accrual", "Suspended": "temporarily-closed-to-accrual",
    "Terminated": "administratively-completed", "Completed": "completed", "Withdrawn": "withdrawn", "Available": "active",
    "Temporarily not available": "temporarily-closed-to-accrual", "No longer available": "closed-to-accrual",
    "Approved for marketing": "completed", "Withheld": "in-review", "Unknown status": "in-review",
}
"""One-way: R4's status has no word for recruiting, terminated or unknown; the exact state travels in progressStatus."""
PHASE_SYSTEM = (R5 + "research-study-phase", THO + "research-study-phase")
PHASE = {
    "Not Applicable": "n-a", "Early Phase 1": "early-phase-1", "Phase 1": "phase-1", "Phase 1/Phase 2": "phase-1-phase-2",
    "Phase 2": "phase-2", "Phase 2/Phase 3": "phase-2-phase-3", "Phase 3": "phase-3", "Phase 4": "phase-4",
}
PURPOSE_SYSTEM = (R5 + "research-study-prim-purp-type", THO + "research-study-prim-purp-type", THO + "research-study-purpose-type")
PURPOSE = {
    "Treatment": "treatment", "Prevention": "prevention", "Diagnostic": "diagnostic", "Supportive Care": "supportive-care",
    "Screening": "screening", "Health Services Research": "health-services-research", "Basic Science": "basic-science",
    "Device Feasibility": "device-feasibility",
}
ARM_SYSTEM = (R5 + "research-study-arm-type", R5 + "research-study-arm-type", THO + "research-study-arm-type")
ARM = {
    "Experimental": "experimental", "Active Comparator": "active-comparator", "Placebo Comparator": "placebo-comparator",
    "Sham Comparator": "sham-comparator", "No Intervention": "no-intervention", "Other": "other-arm-type",
}
OBJECTIVE_SYSTEM = (R5 + "research-study-objective-type", THO + "research-study-objective-type")
ROLE_SYSTEM = R5 + "research-study-party-role"
ROLE_SYSTEMS = (THO + "research-study-party-role",)
"""Other names of it, that are read."""
OFFICIAL = {
    "Study Chair": "study-chair", "Study Director": "study-director", "Principal Investigator": "primary-investigator",
    "Sub-Investigator": "sub-investigator",
}
RESPONSIBLE = {
    "Sponsor": "sponsor", "Principal Investigator": "primary-investigator", "Sponsor-Investigator": "sponsor-investigator",
}
AGENCY_SYSTEM = R5 + "research-study-party-organization-type"
AGENCY = {"NIH": "nih", "Industry": "industry"}
CLASSIFIER_SYSTEM = R5 + "research-study-classifiers"
TITLE_SYSTEM = R5 + "title-type"
REGISTRATION_SYSTEM = R5 + "research-study-registration-activity"
DESIGN_SYSTEM = R5 + "study-design"
STUDY_TYPE = {"Interventional": "SEVCO:01001", "Observational": "SEVCO:01002", "Expanded Access": "SEVCO:01038"}
ALLOCATION = {"Randomized": "SEVCO:01003", "Non-Randomized": "SEVCO:01005"}
INTERVENTION_MODEL = {
    "Single Group Assignment": "SEVCO:01016", "Parallel Assignment": "SEVCO:01011", "Crossover Assignment": "SEVCO:01012",
}
OBSERVATIONAL_MODEL = {
    "Case-Control": "SEVCO:01013", "Ecologic or Community": "SEVCO:01044", "Family-Based": "SEVCO:01020",
}
TIME_PERSPECTIVE = {"Cross-Sectional": "SEVCO:01027"}
WHO_MASKED = {"Participant": "SEVCO:01060", "Care Provider": "SEVCO:01061", "Outcomes Assessor": "SEVCO:01062"}
GENDER_SYSTEM = "http://hl7.org/fhir/administrative-gender"
GENDER = {"Female": "female", "Male": "male"}
MESH_SYSTEM = "https://www.nlm.nih.gov/mesh"
COUNTRY_SYSTEM = "urn:iso:std:iso:3166"
PUBMED = "https://pubmed.ncbi.nlm.nih.gov"
UCUM = "http://unitsofmeasure.org"
AGE_UNIT = {
    "Year": "a", "Years": "a", "Month": "mo", "Months": "mo", "Week": "wk", "Weeks": "wk", "Day": "d", "Days": "d",
    "Hour": "h", "Hours": "h", "Minute": "min", "Minutes": "min",
}
"""One-way: two words share a code, and the word itself stands in Quantity.unit."""
ACTIVITY_KIND = {
    "Drug": "MedicationRequest", "Biological": "MedicationRequest", "Combination Product": "MedicationRequest",
    "Device": "DeviceRequest", "Dietary Supplement": "NutritionOrder", "Procedure": "ServiceRequest",
    "Radiation": "ServiceRequest", "Genetic": "ServiceRequest", "Diagnostic Test": "ServiceRequest",
    "Behavioral": "ServiceRequest", "Other": "ServiceRequest",
}
"""One-way: which request would carry the intervention out."""
PRODUCT_KINDS = ("Drug", "Biological", "Combination Product", "Device", "Dietary Supplement")
"""The kinds of intervention that are a product."""
