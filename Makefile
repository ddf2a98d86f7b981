# The only commands to remember:
#   make demo      a real shop's customers and purchases into a Klaviyo on this machine
#   make test      all tests, Rust and Python
#   make check     formatting, lints, types, docs, and whether generated code is up to date
#   make generate  write the generated code anew from openapi/
#   make bench     what rows cost to send, beside bodies that are sent as they are and beside peers
#   make wheel     a wheel for any Linux with glibc, tried in an environment of its own
#   make trained   a wheel for this machine, laid out for what pipelines do
#   make instructions  what a row costs in instructions, beside what is on record
# They need Rust and a Python of at least 3.10; the rest goes into .venv and CARGO_TARGET_DIR (target/).

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && echo $$python && break; \
	done)
BIN := .venv/bin
TARGET := $(or $(CARGO_TARGET_DIR),target)
# One interpreter for every build: another one would make pyo3 compile anew.
export PYO3_PYTHON := $(CURDIR)/$(BIN)/python
export VIRTUAL_ENV := $(CURDIR)/.venv
unexport PYTHONHOME PYTHONPATH
# What no crate of the workspace asks for, and is tested all the same ...
FEATURES := klaviyo-gen/schema,klaviyo-sandbox/cli,klaviyo-core/journal,klaviyo-core/compression,klaviyo-core/csv,klaviyo-core/parquet
# ... and the whole typed client, on its own: it takes long to compile, so once only.
TYPED := -p klaviyo-gen --features full,schema

.PHONY: browser demo test check generate bench instructions llvm-tools valgrind develop release trained wheel

demo: release .venv/demo
	$(BIN)/python examples/cdnow.py

test: develop browser .venv/demo .venv/outside .venv/sources tests/node/node_modules
	cargo test --workspace --exclude klaviyo-py --features $(FEATURES)
	cargo test $(TYPED) --test client
	$(BIN)/python -m pytest

# Of the docs: maps of modules may name private ones, and those of klaviyo-py are Python's.
check: develop instructions
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --features $(FEATURES) -- -D warnings
	cargo clippy $(TYPED) --lib --test client -- -D warnings
	cargo run --quiet -p klaviyo-generator -- check
	RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" \
		cargo doc --workspace --exclude klaviyo-py --no-deps --features $(FEATURES)
	RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" cargo doc $(TYPED) --no-deps
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/python -m mypy.stubtest klaviyo_py._klaviyo

generate:
	cargo run -p klaviyo-generator -- generate

# What is measured is a trained wheel: two builds, then some minutes for the rest. BUILDS=1 builds the crate from
# nothing, too, several times: that takes long. RUN="--rows 100000" does less. Needs Linux.
bench: trained .venv/bench benches/peers/node_modules
	cargo build --release -p klaviyo-benches
	cargo build --release --manifest-path benches/peers/crate/Cargo.toml --target-dir $(TARGET)/peers
	$(BIN)/python -m pip install --quiet --force-reinstall --no-deps --no-index $(TARGET)/wheels/*.whl
	$(BIN)/python benches/run.py --results benches/results $(RUN)
	$(BIN)/python benches/reading.py --results benches/results
	$(BIN)/python benches/cold_start.py --wheels $(TARGET)/wheels --results benches/results
	cargo build --release -p klaviyo-tests --example makespan
	$(TARGET)/release/examples/makespan > benches/results/makespan.md
	$(TARGET)/release/examples/makespan --real 15 150 > benches/results/makespan_real.md
	$(if $(BUILDS),$(BIN)/python benches/builds.py --results benches/results)
	$(BIN)/python benches/plot.py
	$(BIN)/python benches/results.py

# Fails when a row costs more than a tenth more than it did; RECORD=1 writes the record anew.
instructions: valgrind
	$(if $(RECORD),RECORD=1) cargo bench --quiet -p klaviyo-core --no-default-features \
		--features arrow --bench instructions

# The package as it stands in the source tree, with the native half built for tests ...
develop: .venv/dev
	$(BIN)/maturin develop --quiet

# ... or for speed.
release: .venv/build
	@echo "Building for speed; a first build takes some minutes."
	$(BIN)/maturin develop --quiet --release

# A wheel for this machine, trained: built to count what is run, run through what pipelines do
# (benches/training.py), and built anew with the counts. With a target named, build scripts do not
# count. Two builds from nothing: where the counts lie is new each time.
HOST = $(shell rustc -vV | sed -n 's/^host: //p')
trained: .venv/build llvm-tools
	rm -rf $(TARGET)/wheels $(TARGET)/trained
	$(BIN)/maturin build --release --pgo --locked --target $(HOST) --target-dir $(TARGET)/trained \
		--compatibility off --out $(TARGET)/wheels

# For the oldest glibc that manylinux knows, so that it runs on all; zig's linker has the old symbols. It cannot
# link a build that counts, so this wheel is not trained.
MACHINE := $(shell uname -m)
wheel: .venv/wheel
	rm -rf dist .venv/trial
	. $(BIN)/activate && maturin build --release --locked --zig --target $(MACHINE)-unknown-linux-gnu \
		--compatibility manylinux2014 --out dist
	@ls -l dist
	test "$$(cat dist/*.whl | wc -c)" -le 12000000
	$(PYTHON) -m venv .venv/trial
	.venv/trial/bin/python -m pip install --quiet --no-index --find-links dist klaviyo-py
	.venv/trial/bin/python examples/quickstart.py

.venv/build: pyproject.toml
	@test -n "$(PYTHON)" || { echo "No Python of at least 3.10 found; name one: make PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --group build
	touch $@

.venv/dev: .venv/build
	$(BIN)/python -m pip install --quiet --group dev
	touch $@

.venv/demo: .venv/build
	$(BIN)/python -m pip install --quiet --no-deps --group demo
	touch $@

# What drives the sandbox from outside: a browser's driver, Klaviyo's own SDKs.
.venv/outside: .venv/dev
	$(BIN)/python -m pip install --quiet --group browser --group sdk
	touch $@

# Whose frames and tables are rows, and what runs the notebook.
.venv/sources: .venv/dev
	$(BIN)/python -m pip install --quiet --group sources --group notebook
	touch $@

# A linker, and headers of an old glibc, for the wheel.
.venv/wheel: .venv/build
	$(BIN)/python -m pip install --quiet --group wheel
	touch $@

# What is compared with.
.venv/bench: .venv/build
	$(BIN)/python -m pip install --quiet --group bench
	touch $@

# Merges what a build has counted; of the same LLVM as rustc's, if it can be had.
llvm-tools:
	@ls "$$(rustc --print sysroot)"/lib/rustlib/*/bin/llvm-profdata >/dev/null 2>&1 \
		|| rustup component add llvm-tools || command -v llvm-profdata >/dev/null \
		|| { echo "llvm-profdata merges what was counted: install LLVM." >&2; exit 1; }

benches/peers/node_modules: benches/peers/package.json
	cd benches/peers && npm install --no-audit --no-fund --no-package-lock --loglevel=error && touch node_modules

# Where there is no npm, the test of the Node SDK is skipped; under .ci/run it fails.
tests/node/node_modules: tests/node/package.json
	if command -v npm >/dev/null; then \
		cd tests/node && npm install --no-audit --no-fund --no-package-lock --loglevel=error && touch node_modules; fi

valgrind:
	@command -v valgrind >/dev/null || { test "$$(id -u)" = 0 && \
		apt-get update -qq && apt-get install -qq --no-install-recommends valgrind; } || \
		{ echo "valgrind counts the instructions: install it." >&2; exit 1; }

# For the tests of the sandbox's page. Where it cannot be had they are skipped; under .ci/run they fail.
browser:
	@{ command -v chromium && command -v chromedriver; } >/dev/null || { test "$$(id -u)" = 0 && \
		apt-get update -qq && apt-get install -qq --no-install-recommends chromium chromium-driver; } || \
		echo "No Chromium here: the tests of the sandbox's page cannot run." >&2
