# Two commands: `make run` and `make test`; each sets up what it needs. `make help` lists all.
PYTHON ?= python3
PORT ?= 8000
SHELFWISE_HOME ?= var
export SHELFWISE_HOME
BIN := .venv/bin
READY := .venv/ready

.PHONY: help env run test test-fast check fix bench migration lock translations browser

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */\1|/' | while IFS='|' read -r name words; do printf '  make %-14s %s\n' "$$name" "$$words"; done

env: $(READY)  ## the environment alone, in .venv

$(READY): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Shelfwise needs Python 3.11 or newer; $(PYTHON) is older. Say PYTHON=python3.12 or so."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: env  ## set everything up, draw a demo catalogue, train round 1, serve on PORT
	@$(BIN)/shelfwise weights fetch || echo "Going on without: the image branch will be the small network, and every page says so."
	@$(BIN)/shelfwise demo --if-empty
	$(BIN)/shelfwise serve --port $(PORT)

browser:
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; \
	  else echo "The browser tests need Chromium: as root, run 'apt-get install chromium'. Or run 'make test-fast', which does without."; exit 1; fi; }

test: env browser check  ## set everything up and run all checks and tests
	$(BIN)/python -m pytest

test-fast: env  ## the tests without browser and slow ones
	$(BIN)/python -m pytest -m "not slow and not browser"

check: env  ## format, lint, types, imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: env  ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: env  ## the benchmarks: DATA is a folder with flipkart/ and weights/
	DATA=$(or $(DATA),../shared/data) $(BIN)/python -m bench

migration: env  ## the next numbered migration: make migration m="add verdict"
	$(BIN)/python -m migrations.new "$(m)"

translations: env  ## collect the sentences, update the French ones, compile
	$(BIN)/python -m webapp.translations.collect

lock: env  ## renew the lock files
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --python-version 3.11 pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --python-version 3.11 --extra test --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
