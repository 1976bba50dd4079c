# The front door: `make help`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TESTBED := debian-archive-keyring iproute2 mmdebstrap netcat-openbsd openssh-client rsync shellcheck \
  systemd systemd-container zstd
LONG := $(patsubst %,tests/system/test_%.py,faulty_pushes cut_pushes provision fleet bookworm display)
BUNDLE ?= models/emotions-fer7
LOOKS := node [shape=box style="rounded,filled" fillcolor="\#f4f6f8" color="\#8795a1"] edge [color="\#606f7b"]

# Files of tests go to one process a core, in the order of tests/conftest.py: the longest first.
SIDE_BY_SIDE := --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: help demo test test-all stress tflite-runtime arm64 check lint types contracts bench pictures clean

help:
	@echo "make demo   annotate the sample photo and clip (installs what that needs into $(VENV))"
	@echo "make test   install what the tests need and run all but the slow ones (5 to 10 minutes)"
	@echo "make test-all  make test, then the slow ones: real networks, JAX, booted machines (root), every look of the pages"
	@echo "make check  lint, types and import contracts"
	@echo "make stress 1,000 damaged bundles, 200 killed installs, 50 faulty pushes, bookworm, the screen (root, an hour)"
	@echo "make tflite-runtime  verify the default bundle with tflite-runtime 2.14 (or BUNDLE=...)"
	@echo "make arm64  the aarch64 wheels and the default bundle, emulated (root, minutes)"
	@echo "make bench  speed, as a ratio against a baseline of the same run (the others: python -m tests.benchmarks --help)"
	@echo "make pictures  draw the diagrams of docs/architecture.md anew"
	@echo "make clean  remove $(VENV), caches and the demo's files"

# Each stamp stands for an installation that is as new as pyproject.toml.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
	  || { echo "expected Python 3.11 to 3.13, found $$($(PYTHON) --version); choose one with PYTHON=" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || sh deploy/apt-install.sh python3-venv
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.runtime

demo: $(VENV)/.runtime
	$(BIN)/reconocias demo --output demo

test: $(VENV)/.dev
	@sh deploy/apt-install.sh chromium mosquitto nginx-light qemu-user $(TESTBED) || echo "tests that need them will skip"
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not slow"

# `make test test-all` is what CI says: test runs once, and nothing runs twice.
test-all: test
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m slow

stress: $(VENV)/.dev
	@sh deploy/apt-install.sh $(TESTBED)
	RECONOCIAS_STRESS=1 $(BIN)/python -m pytest tests/stress $(LONG) -q -rP

arm64:
	@sh deploy/apt-install.sh mmdebstrap debian-archive-keyring zstd qemu-user-static
	PYTHON=$(PYTHON) bash tests/system/testbed/arm64.sh

# The oldest runtime that bundles are made for; it needs Python 3.11 and NumPy 1.
tflite-runtime: $(BIN)/python
	$(BIN)/python -m venv $(VENV)/tflite-runtime
	$(VENV)/tflite-runtime/bin/pip install --quiet --disable-pip-version-check tflite-runtime==2.14.0 \
	  'numpy<2' 'opencv-contrib-python-headless>=4.11,<4.12' av packaging pillow pydantic rich typer
	PYTHONPATH=. $(VENV)/tflite-runtime/bin/python -m edge_app bundle verify $(BUNDLE) --allow-unsigned

check: lint types contracts

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

contracts: $(VENV)/.dev
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks

# The diagrams of docs/architecture.md; the one of the imports is drawn from the code.
pictures: $(VENV)/.dev
	@sh deploy/apt-install.sh graphviz
	for name in live recorded threads; do dot -Tsvg docs/images/$$name.dot -o docs/images/$$name.svg || exit; done
	$(BIN)/import-linter drawgraph edge_app | sed -e '/__main__/d' -e 's,/",",' -e 's|concentrate=true|$(LOOKS)|' \
	  | tred | dot -Tsvg -o docs/images/imports.svg

clean:
	rm -rf $(VENV) demo build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
