"""Bundles -> a FHIR server that holds exactly them.  The front door is `mappings.server`."""
