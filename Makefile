# Every target sets up what it needs by itself; `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
KAFKA_LIBS := .cache/kafka/libs
CLIENTS := .cache/clients
# Processes that share the tests, each with servers of its own; much of their time they wait.
JOBS ?= 2
# The first interpreter that is new enough; PYTHON=... chooses another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)

.PHONY: help
help: ## show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(VENV)/.installed $(KAFKA_LIBS)/.fetched $(CLIENTS)/.installed ## install everything into .venv (a second time: nothing)

$(VENV)/.product: deploy/requirements.txt deploy/requirements-build.txt pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
		echo "make: Leadline needs Python 3.11 or newer with its venv module (Debian: apt install python3-venv)" >&2; exit 1; fi
	@[ -x $(BIN)/python ] || { echo "Making $(VENV) with $$($(PYTHON) --version)"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing the pinned dependencies"
	@$(PIP) --require-hashes -r deploy/requirements.txt -r deploy/requirements-build.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed: deploy/requirements-dev.txt $(VENV)/.product
	@echo "Installing what checks and tests need"
	@$(PIP) --require-hashes -r deploy/requirements-dev.txt
	@touch $@

# Without Java and Maven the tests that need a real broker are skipped, and say so.
$(KAFKA_LIBS)/.fetched: deploy/kafka/pom.xml
	@if command -v java >/dev/null && command -v mvn >/dev/null; then \
		echo "Fetching Apache Kafka's jars"; rm -rf .cache/kafka; mkdir -p $(KAFKA_LIBS); \
		mvn -q -B -f deploy/kafka/pom.xml dependency:copy-dependencies -DoutputDirectory="$(CURDIR)/$(KAFKA_LIBS)" \
			&& touch $@ || echo "Could not fetch them: the real broker's tests will be skipped" >&2; \
	else echo "No Java and Maven here: the real broker's tests will be skipped" >&2; fi

# Apart, as on a customer's machine: the generator wants other versions than the product.
$(CLIENTS)/.installed: deploy/requirements-clients.txt $(VENV)/.installed
	@rm -rf $(CLIENTS); $(BIN)/python -m venv $(CLIENTS)
	@$(CLIENTS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/requirements-clients.txt
	@touch $@

.PHONY: demo
demo: $(VENV)/.product ## play a simulated forwarder; prints one URL (ARGS="--check" and others)
	@$(BIN)/leadline demo $(ARGS)

.PHONY: test
test: setup ## run every test that this machine can (ARGS="tests/unit -k name"; JOBS=0 in one process)
	@$(BIN)/python -m pytest --numprocesses $(JOBS) --dist worksteal $(ARGS)

.PHONY: check
check: $(VENV)/.installed ## format, lint, types and the rules between packages
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: fuzz
fuzz: setup ## send 200 examples an operation to the api, as every role, on both databases
	@FUZZ_EXAMPLES=200 $(BIN)/python -m pytest tests/flow/test_api_fuzz.py $(ARGS)

.PHONY: simulation
simulation: $(VENV)/.installed ## kill the consumer in a simulation, by seeds (ARGS="--seeds 100000", "--seed 17")
	@$(BIN)/python -m tests.simulation $(ARGS)

.PHONY: mutants
mutants: $(VENV)/.installed ## change the consumer's decisions and the alert's state line by line; list what no test sees
	@rm -rf mutants; $(BIN)/mutmut run $(ARGS) >/dev/null
	@$(BIN)/python -m tests.mutants

.PHONY: bench
bench: setup $(VENV)/.bench ## measure speed on a real broker and database (ARGS="--quick", "ingest --help")
	@$(BIN)/python -m tests.benchmarks $(ARGS)

# The peers that ingest is measured beside; nothing else needs them.
$(VENV)/.bench: deploy/requirements-bench.txt $(VENV)/.installed
	@$(PIP) --require-hashes -r deploy/requirements-bench.txt
	@touch $@

.PHONY: chaos
chaos: setup ## break a real installation under load for half an hour, and count (ARGS="--procedure T1")
	@$(BIN)/python -m tests.chaos $(ARGS)

.PHONY: chaos-long
chaos-long: setup ## the same with a night's figures
	@$(BIN)/python -m tests.chaos --long $(ARGS)

.PHONY: generate
generate: $(VENV)/.installed ## write the generated files anew (Grafana dashboards)
	@$(BIN)/python -m deploy.grafana.build

.PHONY: lock
lock: $(VENV)/.installed ## resolve the dependencies anew, with hashes
	@for extra in "" dev; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--no-annotate --no-header $${extra:+--extra $$extra} $(ARGS) pyproject.toml \
			--output-file "deploy/requirements$${extra:+-$$extra}.txt"; done
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--extra dev --extra bench --constraint deploy/requirements-dev.txt $(ARGS) pyproject.toml --output-file deploy/requirements-bench.txt
	@echo 'setuptools>=77' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header $(ARGS) - --output-file deploy/requirements-build.txt
	@printf 'openapi-python-client\nmypy\n' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header $(ARGS) - --output-file deploy/requirements-clients.txt

.PHONY: clean
clean: ## remove what the other targets made
	@rm -rf $(VENV) .cache build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis mutants
