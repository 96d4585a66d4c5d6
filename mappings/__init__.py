"""Trial <-> FHIR (ResearchStudy, PlanDefinition, Group), in R4, R4B and R5."""
