"""What is understood of eligibility criteria, measured against texts that people annotated, with what other systems answered beside."""
