# Targets for people and for continuous integration.  Everything is installed into .venv.
PYTHON ?= python3
BIN = .venv/bin

.PHONY: setup demo test hapi browser servers servers-test ci roundtrip lint types samples schema definitions benchmark clean

setup: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $@

# Set up, convert the two pages the project began with, and show the Bundle and what was not carried
demo: setup
	$(BIN)/trialbridge convert samples/pages --to r4 -o out/ --report out/report.ndjson
	@echo; head -c 1200 out/*.json; echo; echo "Report:"; cat out/report.ndjson

test: setup
	$(BIN)/pytest -n 2

# Ask HAPI's validator about the samples and some records (needs Java and Maven; skipped, with the reason, without them)
hapi: setup
	$(BIN)/pytest -m hapi -rs

# Open the page of `trialbridge criteria` in a real headless browser (needs Node and npm; skipped, with the reason, without them)
browser: setup
	$(BIN)/pytest -m browser -n 0 -rs

# Start real FHIR servers, HAPI's in R4 and R5 and Medplum's, until Ctrl-C (needs Java and Maven, Node and npm; 4 GB of memory)
servers: setup
	$(BIN)/python -m tests.servers

# The tests that ask such servers (skipped, with the reason, where one cannot be built)
servers-test: setup
	$(BIN)/pytest -m servers -n 0 -rs

# Install the checkout as docs/ci.md says, and run its examples (needs git and PyPI; skipped, with the reason, without them)
ci: setup
	$(BIN)/pytest -m ci -rs

# Nothing of the samples is lost on the way to FHIR and back
roundtrip: setup
	$(BIN)/trialbridge roundtrip samples/bundles/* samples/ctgov/* samples/pages/* samples/trials/* --to all --jobs 2

lint: setup
	$(BIN)/ruff check .

types: setup
	$(BIN)/mypy

# Renew what is made from the code: the schema, and what the samples give
schema: setup
	$(BIN)/python -m converter.schema

samples: setup
	$(BIN)/python -m tests.renew

# HL7's definitions as compact tables (needs Maven), what is known of extensions beside them, and UCUM's units
definitions: setup
	$(BIN)/python -m tools.definitions
	$(BIN)/python -m tools.extensions
	$(BIN)/python -m tools.ucum

benchmark: setup
	$(BIN)/python -m benchmarks.convert
	$(BIN)/python -m benchmarks.roundtrip
	$(BIN)/python -m benchmarks.eligibility

clean:
	rm -rf .venv out tests/browser/node_modules tests/servers/hapi/target tests/servers/medplum/node_modules
