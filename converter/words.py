"""The closed lists of a trial: the registry's spelling on the left, the Trial's word on the right.

The words are the labels that ClinicalTrials.gov shows (its /studies/enums, fetched 2025-07; agency classes: the names
on its web site).  Each list pairs off one to one, so it reads and writes; a word that is in no list stands as it is.
"""

AGENCY = {
    "NIH": "NIH", "FED": "Other U.S. Federal agency", "OTHER_GOV": "Other government", "INDIV": "Individual",
    "INDUSTRY": "Industry", "NETWORK": "Network", "AMBIG": "Ambiguous", "OTHER": "Other", "UNKNOWN": "Unknown",
}
ID_KIND = {
    "NIH": "U.S. NIH Grant/Contract", "FDA": "U.S. FDA Grant/Contract", "VA": "U.S. VA Grant/Contract",
    "CDC": "U.S. CDC Grant/Contract", "AHRQ": "U.S. AHRQ Grant/Contract", "SAMHSA": "U.S. SAMHSA Grant/Contract",
    "OTHER_GRANT": "Other Grant/Funding Number", "EUDRACT_NUMBER": "EudraCT Number", "CTIS": "EU Trial (CTIS) Number",
    "REGISTRY": "Registry Identifier", "OTHER": "Other Identifier",
}
STATUS = {
    "ACTIVE_NOT_RECRUITING": "Active, not recruiting", "COMPLETED": "Completed",
    "ENROLLING_BY_INVITATION": "Enrolling by invitation", "NOT_YET_RECRUITING": "Not yet recruiting",
    "RECRUITING": "Recruiting", "SUSPENDED": "Suspended", "TERMINATED": "Terminated", "WITHDRAWN": "Withdrawn",
    "AVAILABLE": "Available", "NO_LONGER_AVAILABLE": "No longer available",
    "TEMPORARILY_NOT_AVAILABLE": "Temporarily not available", "APPROVED_FOR_MARKETING": "Approved for marketing",
    "WITHHELD": "Withheld", "UNKNOWN": "Unknown status",
}
DATE_KIND = {"ACTUAL": "Actual", "ESTIMATED": "Estimated"}
RESPONSIBLE = {
    "SPONSOR": "Sponsor", "PRINCIPAL_INVESTIGATOR": "Principal Investigator", "SPONSOR_INVESTIGATOR": "Sponsor-Investigator",
}
STUDY_TYPE = {"EXPANDED_ACCESS": "Expanded Access", "INTERVENTIONAL": "Interventional", "OBSERVATIONAL": "Observational"}
PHASE = {
    "NA": "Not Applicable", "EARLY_PHASE1": "Early Phase 1", "PHASE1": "Phase 1", "PHASE2": "Phase 2", "PHASE3": "Phase 3",
    "PHASE4": "Phase 4",
}
ALLOCATION = {"RANDOMIZED": "Randomized", "NON_RANDOMIZED": "Non-Randomized", "NA": "N/A"}
INTERVENTION_MODEL = {
    "SINGLE_GROUP": "Single Group Assignment", "PARALLEL": "Parallel Assignment", "CROSSOVER": "Crossover Assignment",
    "FACTORIAL": "Factorial Assignment", "SEQUENTIAL": "Sequential Assignment",
}
PURPOSE = {
    "TREATMENT": "Treatment", "PREVENTION": "Prevention", "DIAGNOSTIC": "Diagnostic",
    "ECT": "Educational/Counseling/Training", "SUPPORTIVE_CARE": "Supportive Care", "SCREENING": "Screening",
    "HEALTH_SERVICES_RESEARCH": "Health Services Research", "BASIC_SCIENCE": "Basic Science",
    "DEVICE_FEASIBILITY": "Device Feasibility", "OTHER": "Other",
}
OBSERVATIONAL_MODEL = {
    "COHORT": "Cohort", "CASE_CONTROL": "Case-Control", "CASE_ONLY": "Case-Only", "CASE_CROSSOVER": "Case-Crossover",
    "ECOLOGIC_OR_COMMUNITY": "Ecologic or Community", "FAMILY_BASED": "Family-Based",
    "DEFINED_POPULATION": "Defined Population", "NATURAL_HISTORY": "Natural History", "OTHER": "Other",
}
TIME_PERSPECTIVE = {
    "RETROSPECTIVE": "Retrospective", "PROSPECTIVE": "Prospective", "CROSS_SECTIONAL": "Cross-Sectional", "OTHER": "Other",
}
MASKING = {
    "NONE": "None (Open Label)", "SINGLE": "Single", "DOUBLE": "Double", "TRIPLE": "Triple", "QUADRUPLE": "Quadruple",
}
WHO_MASKED = {
    "PARTICIPANT": "Participant", "CARE_PROVIDER": "Care Provider", "INVESTIGATOR": "Investigator",
    "OUTCOMES_ASSESSOR": "Outcomes Assessor",
}
RETENTION = {
    "NONE_RETAINED": "None Retained", "SAMPLES_WITH_DNA": "Samples With DNA", "SAMPLES_WITHOUT_DNA": "Samples Without DNA",
}
ARM_KIND = {
    "EXPERIMENTAL": "Experimental", "ACTIVE_COMPARATOR": "Active Comparator", "PLACEBO_COMPARATOR": "Placebo Comparator",
    "SHAM_COMPARATOR": "Sham Comparator", "NO_INTERVENTION": "No Intervention", "OTHER": "Other",
}
INTERVENTION_KIND = {
    "BEHAVIORAL": "Behavioral", "BIOLOGICAL": "Biological", "COMBINATION_PRODUCT": "Combination Product",
    "DEVICE": "Device", "DIAGNOSTIC_TEST": "Diagnostic Test", "DIETARY_SUPPLEMENT": "Dietary Supplement", "DRUG": "Drug",
    "GENETIC": "Genetic", "PROCEDURE": "Procedure", "RADIATION": "Radiation", "OTHER": "Other",
}
SEX = {"FEMALE": "Female", "MALE": "Male", "ALL": "All"}
AGE_GROUP = {"CHILD": "Child", "ADULT": "Adult", "OLDER_ADULT": "Older Adult"}
SAMPLING = {"PROBABILITY_SAMPLE": "Probability Sample", "NON_PROBABILITY_SAMPLE": "Non-Probability Sample"}
ROLE = {
    "STUDY_CHAIR": "Study Chair", "STUDY_DIRECTOR": "Study Director", "PRINCIPAL_INVESTIGATOR": "Principal Investigator",
    "SUB_INVESTIGATOR": "Sub-Investigator", "CONTACT": "Contact",
}
PUBLICATION_KIND = {"BACKGROUND": "Background", "RESULT": "Result", "DERIVED": "Derived"}
DATA_SHARING = {"YES": "Yes", "NO": "No", "UNDECIDED": "Undecided"}
DATA_ITEM = {
    "STUDY_PROTOCOL": "Study Protocol", "SAP": "Statistical Analysis Plan (SAP)", "ICF": "Informed Consent Form (ICF)",
    "CSR": "Clinical Study Report (CSR)", "ANALYTIC_CODE": "Analytic Code",
}
UNPOSTED_EVENT = {"RESET": "Reset", "RELEASE": "Release", "UNRELEASE": "Unrelease"}
VIOLATION_KIND = {
    "VIOLATION_IDENTIFIED": "Violation Identified by FDA", "CORRECTION_CONFIRMED": "Correction Confirmed by FDA",
    "PENALTY_IMPOSED": "Penalty Imposed by FDA",
    "ISSUES_IN_LETTER_ADDRESSED_CONFIRMED": "Issues in letter addressed; confirmed by FDA.",
}
RELEVANCE = {"LOW": "Low", "HIGH": "High"}
