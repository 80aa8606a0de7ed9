# `make demo` and `make test` are all a newcomer needs. PYTHON may name another interpreter (3.11 or newer).
PYTHON ?= python3
VENV   ?= .venv
WORKERS ?= auto
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

PYTEST := $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile

.PHONY: help demo install test test-postgres test-slow check format bench dist page clean

help:
	@echo "make demo    install into $(VENV), remember a bilingual conversation, recall from it and show why"
	@echo "make install put the command remanence on your PATH (uv, pipx, or a folder of its own)"
	@echo "make test    install the test extras and run the tests (under 5 minutes on 2 cores)"
	@echo "make test-postgres  the tests of memory and its service, over a store in PostgreSQL"
	@echo "make test-slow  the tests that take long by their nature: crashes, faults, whole benchmarks"
	@echo "make check   format, lint, types, import contracts, tests"
	@echo "make dist    build the wheel and the source distribution into dist/"
	@echo "make page    rebuild the web page from web/ into the package (needs Node)"
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

# Where neither uv nor pipx is at hand, the command gets an environment of its own.
HOME_VENV := $(HOME)/.local/share/remanence/venv
EXTRAS    ?= server,mcp,llm,files

install:
	@if command -v uv >/dev/null; then uv tool install --force ".[$(EXTRAS)]"; \
	elif command -v pipx >/dev/null; then pipx install --force ".[$(EXTRAS)]"; \
	else $(PYTHON) -m venv $(HOME_VENV) \
	&& $(HOME_VENV)/bin/python -m pip --disable-pip-version-check --quiet install -c constraints.txt ".[$(EXTRAS)]" \
	&& mkdir -p $(HOME)/.local/bin && ln -sf $(HOME_VENV)/bin/remanence $(HOME)/.local/bin/remanence \
	&& echo "installed $(HOME)/.local/bin/remanence; add that folder to your PATH if the shell does not find it"; fi

dist: $(VENV)/.developed
	$(BIN)/python -m build

page:
	cd web && npm ci --ignore-scripts --no-audit --no-fund && npm run check && npm run build

test: $(VENV)/.tested
	$(PYTEST) -m "not slow"

# The tests of memory and its service, over a store in PostgreSQL.
test-postgres: $(VENV)/.tested
	REMANENCE_TEST_ENGINE=postgresql $(PYTEST) -m "not slow" tests/contracts tests/memory tests/server tests/integrations tests/storage

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
	$(BIN)/python benchmarks/code.py
	$(BIN)/python benchmarks/quality.py

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
