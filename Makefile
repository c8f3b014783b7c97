# Two commands: `make report` and `make test`. Each sets up everything it needs in .venv.

PYTHON ?= python3
SURVEY ?= surveys/routes_for_returns_2026
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help report test coverage lint format clean

help: ## Say what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

report: .venv/report ## Make the segment report of SURVEY
	$(BIN)/conjoint report $(SURVEY)

test: .venv/test ## Lint, check types, run the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	OPENBLAS_NUM_THREADS=1 $(BIN)/pytest --numprocesses auto --dist loadfile

coverage: .venv/test ## Draw anew how often intervals cover, and rewrite docs/coverage.md
	OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/montecarlo/coverage_table.py

lint: .venv/test ## Lint and check types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/test ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Take away what was built
	rm -rf .venv output .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv .venv

.venv/report: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing (once) ..."
	$(PIP) --editable ".[report]"
	@touch $@

.venv/test: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing (once) ..."
	$(PIP) --editable ".[report,tables,parquet,sheets,test]"
	@touch $@ .venv/report
