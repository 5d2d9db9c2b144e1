# Needs Python 3.11, make and git; the tests install Debian packages too, where root may.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# compiled once, and not again in each of the some hundred processes that tests start, whatever the machine's own habit
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet
SOURCES := policies directory groupware connectors
# --only-binary: building a source package would fetch build requirements that no hash covers
LOCKED := --require-hashes --only-binary :all: --requirement

.PHONY: install demo test test-tools debian check bench soak mutants lock sample format
.DELETE_ON_ERROR:

install: .venv/installed .venv-synapse/installed

.venv/installed: pyproject.toml requirements/build.txt requirements/runtime.txt
	$(PYTHON) -m venv .venv
	$(PIP) install $(LOCKED) requirements/build.txt
	$(PIP) install $(LOCKED) requirements/runtime.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# another program under another licence: it shares nothing with ours, not even its libraries; our pip fills it
.venv-synapse/installed: requirements/synapse.txt | .venv/installed
	$(PYTHON) -m venv --without-pip $(@D)
	$(PIP) --python $(@D)/bin/python install $(LOCKED) $<
	@touch $@

.venv/installed-test: .venv/installed requirements/test.txt
	$(PIP) install $(LOCKED) requirements/test.txt
	@touch $@

# exec: signals reach ICONet itself
demo: install
	@exec $(BIN)/iconet demo --data var/demo

# a Matrix client in JavaScript, from npm by its own lock
tests/interop/matrix_js/node_modules: .venv/installed-test tests/interop/matrix_js/package-lock.json
	$(BIN)/npm ci --prefix tests/interop/matrix_js --no-audit --no-fund --silent
	@touch $@

# environments of programs that are started once or twice: nothing is compiled ahead
INTO = $(PIP) --python $(@D)/bin/python install --no-compile

# some of what it needs comes as source only, and is built with what requirements/build.txt has locked
.venv-walk/installed: requirements/walk.txt requirements/build.txt | .venv/installed
	$(PYTHON) -m venv --without-pip $(@D)
	$(INTO) $(LOCKED) requirements/build.txt
	$(INTO) --require-hashes --no-build-isolation --requirement requirements/walk.txt
	@touch $@

# clients that judge our address books, each with an environment of its own
.venv-vdirsyncer/installed .venv-khard/installed: .venv-%/installed: requirements/%.txt | .venv/installed
	$(PYTHON) -m venv --without-pip $(@D)
	$(INTO) $(LOCKED) $<
	@touch $@

# the two programs that judge the SCIM door
.venv-scim%/installed: requirements/scim%.txt | .venv/installed
	$(PYTHON) -m venv --without-pip $(@D)
	$(INTO) $(LOCKED) $<
	@touch $@

# all that tests need besides our own environment; several at a time with --jobs
CLIENTS := $(addsuffix /installed,.venv-walk .venv-vdirsyncer .venv-khard .venv-scim2-cli .venv-scim-sanity)
test-tools: .venv-synapse/installed $(CLIENTS) tests/interop/matrix_js/node_modules debian

debian:
	requirements/debian.sh requirements/debian-test.txt

# more than there are processors: many tests wait, for clients, clocks and children; in tests/conftest.py's order
BESIDE := --numprocesses 3 --dist loadfile --no-loadscope-reorder
ALONE = $(shell grep --recursive --files-with-matches --include='test_*.py' 'mark\.alone' tests)
# one shell for both runs: the demo that tests begin with is made once for both. 5: none of TESTS is such a one
test: .venv/installed-test test-tools
	@set -e; ICONET_PLANTED=$$(mktemp --directory); export ICONET_PLANTED; \
	trap 'rm -rf "$$ICONET_PLANTED"' EXIT INT TERM; set -x; \
	$(BIN)/python -m pytest $(BESIDE) -m "not alone" $(TESTS); \
	$(BIN)/python -m pytest -m alone $(or $(TESTS),$(ALONE)) || [ $$? -eq 5 ]

check: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/vulture
	$(BIN)/deptry .

# one script a figure; what they share stands in folders
bench: .venv/installed-test .venv-synapse/installed
	requirements/debian.sh requirements/debian-bench.txt
	@set -e; for script in $(sort $(wildcard bench/*.py)); do echo "== $$script"; $(BIN)/python $$script; done

soak: .venv/installed-test .venv-synapse/installed tests/interop/matrix_js/node_modules
	ICONET_SOAK=1 $(BIN)/python -m pytest tests/faults $(TESTS)
	$(MAKE) mutants

# small faults in the policies and in the monitor: quick tests must find nine in ten of each file's
mutants: .venv/installed-test
	$(BIN)/python tests/mutation/mutants.py

# lock and sample rewrite files that are in the repository
UV_COMPILE := $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-header --python-version 3.11
lock: .venv/installed-test
	$(UV_COMPILE) requirements/build.in --output-file requirements/build.txt
	$(UV_COMPILE) requirements/synapse.in --output-file requirements/synapse.txt
	$(UV_COMPILE) requirements/walk.in --output-file requirements/walk.txt
	$(UV_COMPILE) requirements/vdirsyncer.in --output-file requirements/vdirsyncer.txt
	$(UV_COMPILE) requirements/khard.in --output-file requirements/khard.txt
	$(UV_COMPILE) requirements/scim2-cli.in --output-file requirements/scim2-cli.txt
	$(UV_COMPILE) requirements/scim-sanity.in --output-file requirements/scim-sanity.txt
	$(UV_COMPILE) pyproject.toml --output-file requirements/runtime.txt
	$(UV_COMPILE) pyproject.toml --group test --group check --constraint requirements/runtime.txt --output-file requirements/test.txt

sample: install
	$(BIN)/python -c "from connectors.settings import Settings, sample; print(sample(Settings()), end='')" > config/iconet.toml

format: .venv/installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
