# What people type. `make help` lists it; every recipe is a call of cargo, maturin, pytest or the command itself.

VENV    := .venv
OLDEST  := .venv-oldest
INTEROP := .venv-interop
BIN     := $(VENV)/bin

# Newest wish first. xgboost's current release needs Python 3.12; 3.11 gets the last one that supports it.
PYTHONS         := 3.13 3.12 3.14 3.11 3.15 3.16
INTEROP_PYTHONS := 3.12 3.11
FUZZ_SECS       ?= 60
PIP_INSTALL     := -m pip install --disable-pip-version-check --require-hashes

SOURCES := $(shell find crates/*/src python/src -name '*.rs') $(wildcard crates/*/Cargo.toml) \
           python/Cargo.toml Cargo.toml Cargo.lock rust-toolchain.toml pyproject.toml

export PYO3_PYTHON := $(CURDIR)/$(BIN)/python

.DELETE_ON_ERROR:
.PHONY: help demo test test-rust test-python test-oldest check lint docs wheel bench fuzz lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.built ## set everything up and run the walkthrough (ARGS="--data PATH" passes options on)
	@$(BIN)/trialscope demo $(ARGS)

test: test-rust test-python test-oldest ## set everything up and run every test

check: lint test docs ## everything CI runs: format, lints, types, tidy, tests, docs

# --- tests ---------------------------------------------------------------------------------------------------------

# The python crate is linked into an interpreter, not into a test program: pytest tests it.
test-rust: $(VENV)/.demo
	cargo test --locked --workspace --exclude trialscope_python --doc --quiet
	@if cargo nextest --version >/dev/null 2>&1; \
	then cargo nextest run --locked --workspace --exclude trialscope_python --no-tests=pass; \
	else cargo test --locked --workspace --exclude trialscope_python --lib --bins --tests; fi

test-python: $(VENV)/.test $(VENV)/.built $(INTEROP)/.ready
	$(BIN)/python -m pytest

# The wheel as users get it, on the oldest Python and xgboost we support.
test-oldest: $(OLDEST)/.ready
	@if [ -x $(OLDEST)/bin/python ]; \
	then $(OLDEST)/bin/python -m pytest python/tests; \
	else echo "skipped: tests on the oldest supported Python (3.11 is not installed)"; fi

# --- checks --------------------------------------------------------------------------------------------------------

lint: $(VENV)/.test $(VENV)/.lint $(VENV)/.built
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo run --locked --quiet -p xtask -- tidy
	cargo run --locked --quiet -p xtask -- docs --check
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/pyright --pythonpath $(BIN)/python

docs: $(VENV)/.demo ## build the API documentation, without warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps

# --- products ------------------------------------------------------------------------------------------------------

wheel: dist/.built ## build the wheel into dist/
	@ls dist/*.whl

dist/.built: $(VENV)/.demo $(SOURCES) $(shell find python/trialscope -name '*.py*' -not -path '*/__pycache__/*')
	rm -rf dist
	$(BIN)/maturin build --release --locked --out dist
	@touch $@

bench: $(VENV)/.test $(VENV)/.built $(INTEROP)/.ready ## run the benchmarks side by side with smdebug
	$(BIN)/python benchmarks/run_all.py

fuzz: ## fuzz each parser for FUZZ_SECS seconds (60)
	@cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz
	@set -e; for target in $$(RUSTC_BOOTSTRAP=1 cargo fuzz list); do \
		RUSTC_BOOTSTRAP=1 cargo fuzz run $$target -- -max_total_time=$(FUZZ_SECS); done

lock: $(VENV)/.demo ## renew requirements/*.txt
	$(BIN)/python -m pip install --disable-pip-version-check --quiet uv
	cd requirements && for name in demo test lint interop; do ../$(BIN)/uv pip compile --quiet --upgrade --universal \
		--python-version 3.11 --generate-hashes --no-annotate --no-header $$name.in -o $$name.txt; done

clean: ## remove everything that was built or installed here
	rm -rf $(VENV) $(OLDEST) $(INTEROP) target dist fuzz/target python/trialscope/*.so
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- set-up: a stamp file in each environment says what it holds ---------------------------------------------------

$(VENV)/.demo: requirements/demo.txt tools/find-python
	@command -v cargo >/dev/null || { echo "error: Rust is not installed (no cargo on PATH)" >&2; exit 1; }
	python=$$(tools/find-python $(PYTHONS)) && "$$python" -m venv --clear $(VENV)
	$(BIN)/python $(PIP_INSTALL) -r requirements/demo.txt
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.demo
	$(BIN)/python $(PIP_INSTALL) -r requirements/test.txt
	@touch $@

$(VENV)/.lint: requirements/lint.txt $(VENV)/.demo
	$(BIN)/python $(PIP_INSTALL) -r requirements/lint.txt
	@touch $@

$(VENV)/.built: $(VENV)/.demo $(SOURCES)
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin develop --release --locked
	@touch $@

$(OLDEST)/.ready: requirements/test.txt dist/.built
	@mkdir -p $(OLDEST)
	@if python=$$(tools/find-python 3.11); then set -ex; "$$python" -m venv --clear $(OLDEST); \
		$(OLDEST)/bin/python $(PIP_INSTALL) -r requirements/test.txt; \
		$(OLDEST)/bin/python -m pip install --disable-pip-version-check --no-deps dist/*.whl; fi
	@touch $@

$(INTEROP)/.ready: requirements/interop.txt
	@mkdir -p $(INTEROP)
	@if python=$$(tools/find-python $(INTEROP_PYTHONS)); then set -ex; "$$python" -m venv --clear $(INTEROP); \
		$(INTEROP)/bin/python $(PIP_INSTALL) -r requirements/interop.txt; fi
	@touch $@
