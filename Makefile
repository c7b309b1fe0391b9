# Two commands do everything: `make run` (the demo) and `make test`. They install what they need.

PYTHON ?= python3
BIN := .venv/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
VENDOR := tests/browser/vendor
HTMX := $(VENDOR)/htmx.min.js
AXE := $(VENDOR)/axe.min.js
PIP := $(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt

# Where it is set, each of the many processes that tests start would compile the product again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run install test coverage lint pictures audit bench debian catalogues clean

run: install
	$(BIN)/flask --app webapp demo

install: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	[ -x $(BIN)/pip ] || $(PYTHON) -m venv .venv || { rm -rf .venv; $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy python3-venv && $(PYTHON) -m venv .venv; }
	$(PIP) -e .
	touch $@

.venv/tested: .venv/installed
	$(PIP) -e '.[dev]'
	touch $@

# Browsers, a SOAP client and server of another make, and npm for htmx: only what is missing.
debian:
	@command -v chromium >/dev/null && command -v chromium-headless-shell >/dev/null && php -m 2>/dev/null | grep -qx soap && command -v npm >/dev/null || \
	{ $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends $$( \
	  command -v chromium >/dev/null && command -v chromium-headless-shell >/dev/null || \
	  echo chromium chromium-headless-shell fonts-dejavu-core; \
	  php -m 2>/dev/null | grep -qx soap || echo php-cli php-soap; \
	  command -v npm >/dev/null || echo npm ); }

# The CDN's file, as the npm package of that very version holds it; and the checker of accessibility.
$(HTMX): FROM := htmx.org@2.0.11 package/dist/htmx.min.js
$(AXE): FROM := axe-core@4.14.1 package/axe.min.js
$(HTMX) $(AXE):
	mkdir -p $(VENDOR)
	cd $(VENDOR) && package=$$(npm pack --silent $(firstword $(FROM))) && \
	tar -xzOf $$package $(lastword $(FROM)) > $(@F).part && mv $(@F).part $(@F) && rm $$package

# What tests store is in memory where there is room for it: nearly all have a database, and none needs a disk.
test: export PYTEST_DEBUG_TEMPROOT ?= $(shell [ "$$(df --output=avail /dev/shm 2>&1 | tail -1)" -gt 4000000 ] 2>/dev/null && echo /dev/shm || echo /tmp)
test: debian .venv/tested $(HTMX) $(AXE)
	$(BIN)/python -m pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

# What the tests leave out; by hand, as it takes half as long again.
coverage:
	$(MAKE) test PYTEST_ARGS="--cov --cov-report=term:skip-covered --cov-fail-under=95"

lint: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The pictures of the README, taken anew from the page as it is.
pictures: debian .venv/tested $(HTMX)
	PICTURES=1 $(BIN)/python -m pytest tests/browser/test_pictures.py

# Scanners; what they need is installed beside them. By hand.
audit: .venv/tested $(HTMX)
	$(BIN)/python tests/audit/run.py

# Speed against something run beside it; by hand, on a quiet machine.
bench: .venv/tested $(HTMX)
	$(BIN)/python tests/bench/run.py

# After changing a text: collects it, updates the catalogues, compiles them.
catalogues: .venv/installed
	$(BIN)/pybabel --quiet extract -F webapp/translations/babel.cfg -k _l -k N_ -k _n:1,2 --no-location --omit-header -o webapp/translations/messages.pot .
	$(BIN)/pybabel --quiet update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -i webapp/translations/messages.pot -d webapp/translations
	$(BIN)/pybabel --quiet compile -d webapp/translations

clean:
	rm -rf .venv tests/browser/vendor
