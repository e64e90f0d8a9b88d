# Two commands are all there is to know: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CLIENTS := .conformance
CLIENTS_READY := $(CLIENTS)/.ready
COLIBRI := .colibri
COLIBRI_READY := $(COLIBRI)/.ready

.PHONY: help setup demo test long faults lint field-map examples docs clients conformance bench clean

help:
	@echo "make demo   sets up, migrates the demo practices into the local org, verifies them, shows what happened"
	@echo "make test   sets up, runs every check and test"
	@echo "make long   runs the tests that take minutes: faults of later loads, single marts row by row, the docs' walk"
	@echo "make faults  tries every fault at every request of a migration, and writes docs/fault_matrix.md"
	@echo "make conformance  runs sf, jsforce and simple-salesforce against the local org, opens every page in Chromium"
	@echo "make field-map  renews what is made of the marts: decided_by in their YAML, salesforce/, docs/fields.md"
	@echo "make examples  runs the demo, and renews the field map's examples from it"
	@echo "make docs  draws the models, their fields and the lineage of each column, in target/docs"
	@echo "make setup  creates $(VENV) with load-raw, load-sf and dbt"
	@echo "make bench  measures the local org, a migration and a build (ROWS, PATIENTS, RAW_ROWS, EXEC_ROWS, LOADER_ROWS)"
	@echo "make clean  removes $(VENV), $(CLIENTS), $(COLIBRI) and dbt's leftovers; var/, the state of migrations, stays"

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Bridgework needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY)
	@$(BIN)/python -m demo

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@# Side by side: mypy has one core only, and what either finds is told in full.
	@$(BIN)/mypy & types=$$!; $(BIN)/python -m tests.lint_sql; sql=$$?; wait $$types && exit $$sql

test: lint
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

long: $(READY)
	$(BIN)/python -m pytest -m long --numprocesses auto --dist loadfile

faults: $(READY)
	$(BIN)/python -m tests.python.faults

field-map: $(READY)
	$(BIN)/python -m loaders.lineage
	$(BIN)/dbt --quiet parse
	$(BIN)/load-sf schema --base

examples: demo
	$(BIN)/python -m demo.examples
	$(BIN)/load-sf schema --base

docs: $(READY) $(COLIBRI_READY)
	@$(BIN)/python -m loaders.lineage.site

# In a folder of its own: it brings a build of sqlglot that nothing else here is to run on.
$(COLIBRI_READY): docs/requirements.lock
	$(PYTHON) -m venv $(COLIBRI)
	$(COLIBRI)/bin/python -m pip install --quiet --disable-pip-version-check -r docs/requirements.lock
	@touch $(COLIBRI_READY)

clients: $(CLIENTS_READY)

conformance: $(READY) $(CLIENTS_READY)
	$(BIN)/python -m pytest tests/conformance --numprocesses 2 --dist loadfile --no-loadscope-reorder

$(CLIENTS_READY): tests/conformance/requirements.lock tests/conformance/package.json \
  tests/conformance/package-lock.json tests/conformance/.npmrc | $(READY)
	$(BIN)/python -m tests.conformance.install

bench: $(READY)
	$(BIN)/python -m bench.local_org --rows $(or $(ROWS),1000000)
	$(BIN)/python -m bench --patients $(or $(PATIENTS),1000000)
	$(BIN)/python -m bench --raw-rows $(or $(RAW_ROWS),10000000)
	$(BIN)/python -m bench --exec-rows $(or $(EXEC_ROWS),1000000)
	$(BIN)/python -m bench --loader-rows $(or $(LOADER_ROWS),1000000)

clean:
	rm -rf $(VENV) $(CLIENTS) $(COLIBRI) target logs .pytest_cache .mypy_cache .ruff_cache
