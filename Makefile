# Only Python 3.11 or newer and make are needed. uv is used where it is on PATH, else pip; both take nothing but the hashed locks.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
  command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
LOCK_OPTIONS := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
  --no-annotate --quiet

.PHONY: help setup dev run test test-slow check bench format lock clean

help:            ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

setup: $(VENV)/.ready           ## the program and what it needs, in .venv
dev: $(VENV)/.ready-dev         ## the same, and the tools of the tests

run: setup       ## audit the sample into out/
	$(BIN)/spine-audit run

test: dev        ## all tests but the slow ones
	$(BIN)/python -m pytest -m "not slow" -n auto --dist loadfile -q

test-slow: dev   ## all tests
	$(BIN)/python -m pytest

check: dev       ## format, lint, types: what a change must pass besides the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.ready-bench     ## measure the audit beside other ways of asking; half an hour; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks

format: dev      ## put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:            ## resolve the dependencies anew (needs uv)
	@test -n "$(UV)" || { echo "make lock needs uv on PATH"; exit 1; }
	$(UV) pip compile pyproject.toml --group build $(LOCK_OPTIONS) -o requirements.lock
	$(UV) pip compile pyproject.toml --group build --group dev --extra dask -c requirements.lock $(LOCK_OPTIONS) -o requirements-dev.lock
	$(UV) pip compile --group bench -c requirements-dev.lock $(LOCK_OPTIONS) -o benchmarks/requirements.lock

clean:           ## remove what was built; the published results in out/ stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -type d -not -path './out/*' -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name it with make PYTHON=/path/to/python3"; exit 1; }
	$(if $(UV),$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV),$(PYTHON) -m venv $(VENV))

$(VENV)/.ready: requirements.lock pyproject.toml | $(BIN)/python
	$(call install,requirements.lock)
	$(call install_self)
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	$(call install,requirements-dev.lock)
	$(call install_self)
	@touch $@ $(VENV)/.ready

$(VENV)/.ready-bench: benchmarks/requirements.lock $(VENV)/.ready-dev
	$(call install,$<)
	@touch $@

install = $(if $(UV),$(UV) pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --quiet \
  --disable-pip-version-check) --require-hashes --only-binary :all: -r $(1)
install_self = $(if $(UV),$(UV) pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --quiet \
  --disable-pip-version-check) --no-deps --no-build-isolation -e .
