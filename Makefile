# Two entry points matter: `make demo` and `make test`. `make` alone lists everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BOOKINGS ?= 2000
SERVE ?= 1
LINES ?= 200000
BACKEND ?= sqlite
ARGS ?=
# One file of tests stays in one process: what a module builds once is built once. Acceptance tests take longest and come first.
JOBS ?= 2
PARALLEL = -n $(JOBS) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo demo-mariadb test test-sqlite test-mariadb test-browser coverage lint bench bench-proof bench-panel screenshots clean need-mariadb requirements messages

help: ## Print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

setup: $(VENV)/.base ## Make the virtual environment of the embedded mode (no compiler needed)

setup-dev: $(VENV)/.dev ## Add MySQL, test and lint packages (needs libmariadb-dev, pkg-config, a compiler)

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: requirements/base.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/base.txt
	@touch $@

$(VENV)/.mysql: requirements/mysql.txt $(VENV)/.base
	@pkg-config --exists libmariadb || pkg-config --exists mysqlclient || { \
	  echo "The MySQL driver is compiled: install libmariadb-dev, pkg-config and gcc first (.ci/run does)."; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/mysql.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.mysql
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	@touch $@

demo: setup ## Build a demo on SQLite, migrate it, serve the panel (BOOKINGS=2000 SERVE=1)
	$(BIN)/python manage.py demo --bookings $(BOOKINGS) $(if $(filter 0,$(SERVE)),--no-serve,--serve)

demo-mariadb: $(VENV)/.mysql need-mariadb ## The same on a private MariaDB with Redis and two Celery workers
	$(BIN)/python -m demo.servers run -- \
	  $(BIN)/python manage.py demo --bookings $(BOOKINGS) --workers 2 $(if $(filter 0,$(SERVE)),--no-serve,--serve)

test: test-sqlite test-mariadb ## Run the tests on SQLite and on a private MariaDB

test-sqlite: $(VENV)/.dev ## … on SQLite only (ARGS="-k words" for some)
	TEST_BACKEND=sqlite $(BIN)/python -m pytest $(PARALLEL) -m "not browser" $(ARGS)

test-browser: $(VENV)/.dev $(if $(filter mariadb,$(BACKEND)),need-mariadb) ## … three stories and every page in Chromium (BACKEND=mariadb)
	TEST_BACKEND=$(BACKEND) $(BIN)/python -m pytest -m browser $(ARGS)

test-mariadb: $(VENV)/.dev need-mariadb ## … on a private MariaDB with a private Redis only
	TEST_BACKEND=mariadb $(BIN)/python -m pytest $(PARALLEL) -m "not browser" $(ARGS)

coverage: $(VENV)/.dev ## Run the tests on SQLite and show what they do not reach
	TEST_BACKEND=sqlite $(BIN)/python -m pytest --cov --cov-report=term $(ARGS)

lint: $(VENV)/.dev ## Ruff (rules, format, the one-way import law) and mypy on the engine
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/unit/test_architecture.py

bench: $(VENV)/.dev need-mariadb ## Measure the engine against four other ways (LINES=200000)
	$(BIN)/python -m benchmarks --lines $(LINES)

bench-proof: $(VENV)/.dev need-mariadb ## Measure full comparison and rollback beside the load, and one killed half-way (LINES=200000)
	$(BIN)/python -m benchmarks.proof --lines $(LINES)
	$(BIN)/python -m benchmarks.way_back --lines $(LINES)
	$(BIN)/python -m benchmarks.resume

bench-panel: $(VENV)/.dev need-mariadb ## Measure every page with a million issues and ten million map rows
	$(BIN)/python -m demo.servers run --buffer-pool 2G -- $(BIN)/python -m benchmarks.panel --write $(ARGS)

screenshots: $(VENV)/.dev ## Take a picture of every page from demo data into docs/screenshots (needs chromium)
	$(BIN)/python -m tests.browser.screenshots $(ARGS)

messages: $(VENV)/.base ## Collect the panel's texts and compile the Spanish ones (needs gettext)
	@command -v msgmerge >/dev/null || { echo "On Debian: apt-get install gettext. Running and testing need no gettext."; exit 1; }
	$(BIN)/python locale/collect.py
	msgfmt --check-format --output-file locale/es/LC_MESSAGES/django.mo locale/es/LC_MESSAGES/django.po

requirements: $(VENV)/.dev ## Pin requirements/*.in again
	$(BIN)/python -m pip install --quiet pip-tools
	@cd requirements && for set in base mysql dev prod; do \
	  ../$(BIN)/pip-compile --quiet --upgrade --no-header --no-annotate --strip-extras --no-emit-index-url \
	    --no-emit-trusted-host --no-emit-find-links --output-file $$set.txt $$set.in || exit 1; done

need-mariadb:
	@missing=""; \
	for program in mariadbd mariadb-install-db redis-server; do \
	  PATH="$$PATH:/usr/sbin:/usr/local/sbin" command -v $$program >/dev/null || missing="$$missing $$program"; done; \
	[ -z "$$missing" ] || { \
	  echo "Missing:$$missing. On Debian: apt-get install mariadb-server redis-server (.ci/run does it)."; exit 1; }

clean: ## Remove the demo's databases, caches and the virtual environment
	rm -rf var $(VENV) .pytest_cache .mypy_cache .ruff_cache .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
