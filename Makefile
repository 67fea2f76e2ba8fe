# Needs Python 3.11 or newer and make, nothing else.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
WORKERS ?= auto

unexport PYTHONDONTWRITEBYTECODE  # many processes are started: let them find what was compiled

.PHONY: help install up demo test check tools bench prove mutate fault image sbom pictures words lock clean

help:            ## say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

install: .venv/.stamp ## make .venv with the command `cairn`

.venv/.stamp: requirements.lock pyproject.toml clients/python/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Cairn needs Python 3.11 or newer; try: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@echo "Installing into .venv (about a minute, once)" >&2
	@$(PYTHON) -m venv .venv || \
	  { echo "This Python can't make a venv; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . -e clients/python
	@touch $@

up: install      ## start everything on this machine (ARGS="--port 0 …")
	@exec $(BIN)/cairn up $(ARGS)

demo: install    ## the same with a small company already in it
	@exec $(BIN)/cairn demo $(ARGS)

check: install   ## style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

tools: install   ## find or install the programs that some tests call
	@$(BIN)/python -m tests.tools

test: check tools ## everything that can fail, on all cores (WORKERS=0: one after the other)
	$(BIN)/pytest -n $(WORKERS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

bench: install   ## figures, each beside what it is compared with (ARGS="--growth 1000x10 100000x10", ARGS="--peak 500 15")
	$(BIN)/python -m bench $(ARGS)

prove: install   ## the promises in their long form, some hours; writes docs/proofs.md
	CAIRN_PROVE=long $(BIN)/pytest tests/faults tests/topology tests/shared/eventstore/test_bundle.py tests/bench \
	  tests/services/cycles/test_property.py tests/services/integration/test_sender.py \
	  tests/services/test_relation_graphs.py tests/workflows/test_lives.py \
	  tests/console/test_running.py tests/console/test_many.py \
	  tests/console/keeping/test_erasure_is_real.py tests/console/test_no_word_in_clear.py $(ARGS)

mutate: install  ## change every rule once and ask whether a test notices; writes docs/mutation.md
	$(BIN)/python -m tests.mutation $(ARGS)

fault: install   ## show a fault of docs/track-record.md on the code before it was mended (COMMIT=… TEST="…")
	$(BIN)/python -m tests.before $(COMMIT) $(TEST)

image: install   ## build the image in a clean root and run every role out of it; some minutes, as root
	$(BIN)/python -m tests.image

sbom: install    ## list what is in the image, in CycloneDX
	@$(BIN)/cyclonedx-py requirements --of JSON deploy/requirements.lock

pictures: install tools ## draw a trace and the dashboards of a real run into docs/pictures
	$(BIN)/python -m tests.observability.pictures

words: install   ## bring the catalogues of the pages up to date
	$(BIN)/python -m console.words

lock: install    ## choose the newest versions anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --universal --all-extras --generate-hashes --upgrade \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --constraint requirements.lock \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	  --output-file deploy/requirements.lock
	echo hatchling | $(BIN)/uv pip compile - --universal --python-version 3.11 --generate-hashes \
	  --constraint requirements.lock --no-header --no-annotate --no-emit-index-url \
	  --no-emit-find-links --output-file deploy/build.lock

clean:           ## forget the venv and the caches, not the data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
