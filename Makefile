# `make demo` and `make test` are all a newcomer needs. PYTHON may name another interpreter (3.11 or newer).
PYTHON ?= python3
VENV   ?= .venv
WORKERS ?= auto
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

PYTEST := $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile

.PHONY: help demo test test-slow check format bench clean

help:
	@echo "make demo    install into $(VENV), remember a bilingual conversation, recall from it and show why"
	@echo "make test    install the test extras and run the tests (under 5 minutes on 2 cores)"
	@echo "make test-slow  the tests that take long by their nature: crashes, faults, whole benchmarks"
	@echo "make check   format, lint, types, import contracts, tests"
	@echo "make bench   the figures of the README (long; needs ../shared/data for recall quality)"

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.tested: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -c constraints.txt -e ".[test]"
	@touch $@ $(VENV)/.installed

$(VENV)/.developed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -c constraints.txt -e ".[dev]"
	@touch $@ $(VENV)/.installed $(VENV)/.tested

demo: $(VENV)/.installed
	@$(BIN)/python -m remanence demo

test: $(VENV)/.tested
	$(PYTEST) -m "not slow"

test-slow: $(VENV)/.tested
	$(PYTEST) -m slow

check: $(VENV)/.developed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST) -m "not slow"

format: $(VENV)/.developed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.tested
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/quality.py

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
