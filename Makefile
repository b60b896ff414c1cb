# Everything runs from .venv, which `make bootstrap` builds and every target below makes sure of.
.DEFAULT_GOAL := help
.PHONY: help bootstrap browser demo serve test test-nightly lint bench scribe-eval screenshots messages mutation lock clean

unexport PYTHONPATH PYTHONHOME

BIN := .venv/bin
PYTEST := $(BIN)/pytest -n auto --maxprocesses=4 --dist=worksteal
# The coverage gate is of the lower floors, and their own tests pass it: tracing would slow the pages' tests to no end.
UPPER := tests/clinic tests/web
LOWER := $(filter-out $(UPPER) tests/__pycache__,$(patsubst %/,%,$(wildcard tests/*/))) tests/test_exported_members.py
POSTGRES := $(BIN)/python scripts/on_postgres.py $(BIN)/pytest # one process: one database server
WALLED := $(patsubst %,tests/clinic/test_%.py,app_role audit_chain jobs notes once people_at_once record_at_once wall)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

bootstrap: ## build .venv; instant when it is current
	@sh scripts/bootstrap.sh

browser: # a Chromium for the tests of the pages, where one can be had
	@sh scripts/browser.sh

demo: bootstrap ## four worked examples of a popular guide, counted again
	@$(BIN)/python scripts/demo.py

serve: bootstrap ## open the pages in your browser
	@$(BIN)/fifteen serve

test: lint browser ## lint, every test but the nightly ones with the coverage gate, on PostgreSQL too where the database matters
	$(PYTEST) --cov -m "not nightly" $(LOWER)
	$(PYTEST) -m "not nightly" $(UPPER)
	$(POSTGRES) -m "not nightly and not browser" $(WALLED)

test-nightly: lint browser ## lint, then every test, the clinic's on both databases
	FIFTEEN_NIGHTLY=1 $(PYTEST) --cov $(LOWER)
	FIFTEEN_NIGHTLY=1 $(PYTEST) $(UPPER)
	FIFTEEN_NIGHTLY=1 $(POSTGRES) tests/clinic

lint: bootstrap ## style, types, floors and house rules; changes nothing
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python scripts/lint_house.py

bench: bootstrap ## how fast the engine is on this machine
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/pages.py
	$(BIN)/python benchmarks/chart.py

scribe-eval: bootstrap ## how well the scribe reads its cases
	@$(BIN)/python scripts/scribe_eval.py

screenshots: bootstrap browser ## the pictures of docs/guide, made anew
	$(BIN)/python scripts/screenshots.py

messages: bootstrap ## what the pages say, gathered for translators and compiled
	$(BIN)/python scripts/messages.py

mutation: bootstrap ## change the unit rules one operator at a time: does a test notice?
	$(BIN)/mutmut run
	$(BIN)/mutmut results

LOCK := ../$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header

lock: bootstrap ## bring requirements/*.txt to the newest versions that requirements/*.in allow
	cd requirements && for name in uv runtime web dev; do $(LOCK) $$name.in -o $$name.txt || exit 1; done

clean: ## remove .venv and everything else that was built
	rm -rf .venv build dist mutants .coverage .coverage.* htmlcov .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
