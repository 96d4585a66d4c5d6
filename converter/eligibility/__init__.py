"""The text of eligibility criteria: a tree of criteria, and what is certain in each."""
