# Deliberate. `make` or `make help` says what can be made.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PORT

.PHONY: help run test check browser bench fix docs words lock clean

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/run ## A server with a demonstration, at http://127.0.0.1:8000 (or PORT)
	@$(BIN)/deliberate init
	@$(BIN)/deliberate demo --if-empty
	@$(BIN)/deliberate serve

test: $(VENV)/test ## Everything that CI runs
	@VENV=$(VENV) scripts/test

check: $(VENV)/test ## The fast part: style, types, floors, the core
	@VENV=$(VENV) scripts/check
	@$(BIN)/python -m pytest -q tests/core tests/contract

bench: $(VENV)/bench ## Measure, beside peers, in one run
	@$(BIN)/python -m bench

fix: $(VENV)/test ## Mend what the linter can mend
	@$(BIN)/ruff check --fix .

docs: $(VENV)/test ## Check the documents: links, examples, commands
	@$(BIN)/python -m pytest -q tests/docs

words: $(VENV)/test ## Extract the marked sentences to the template of the catalogues
	@$(BIN)/python scripts/words

lock: ## Make the locks anew (needs uv)
	@scripts/lock

clean: ## Remove what was made; the data under var/ stay
	rm -rf $(VENV) build dist *.egg-info .cache .coverage* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/run: requirements.lock setup.cfg setup.py pyproject.toml
	@PYTHON="$(PYTHON)" scripts/venv $(VENV) run requirements.lock

$(VENV)/test: requirements-test.lock setup.cfg setup.py pyproject.toml
	@PYTHON="$(PYTHON)" scripts/venv $(VENV) test requirements-test.lock

$(VENV)/bench: requirements-bench.lock setup.cfg setup.py pyproject.toml
	@PYTHON="$(PYTHON)" scripts/venv $(VENV) bench requirements-bench.lock
