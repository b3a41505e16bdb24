# What a person types. `make help` is made from the lines below that end in two number signs and a sentence.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
INSTALL := $(PYTHON) launch/install.py
# As a file, not as -m launch.assets: that would load the package around it, at every start.
ASSETS := $(BIN)/python -P launch/assets.py
# What compiles the pins lives in a virtual environment of its own: the program never needs it.
UV_VERSION := 0.13.9
COMPILE := .venv-tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

.DEFAULT_GOAL := help
.PHONY: help run test coverage test-long test-browser check bench migrate downgrade makemigration seed migrate_and_seed demo \
  create-staff check-stock replay-prices categorize-customers import-products export-products outbox stripe-sync cache \
  requirements clean python embedded tools

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z_-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' Makefile

run: python ## Install, start everything and serve the shop (HOST, PORT; 127.0.0.1:5000) until Ctrl-C
	@$(INSTALL) runtime embedded assets
	@$(ASSETS) || true
	@$(MANAGE) serve --with-parent $(ARGS)

test: tools ## Run all tests but the long and the browser's, in parallel (ARGS="-k orders")
	@$(BIN)/python -m pytest -n auto -m "not browser and not long" $(ARGS)

coverage: tools ## The same, and which lines and branches no test reached
	@$(BIN)/python -m pytest -n auto -m "not browser and not long" --cov --cov-report=term $(ARGS)

test-long: tools ## Run the long forms of the fault and fuzz tests
	@$(BIN)/python -m pytest -m long $(ARGS)

test-browser: tools ## Run the tests that need Chromium
	@$(BIN)/python -m pytest -m browser $(ARGS)

check: tools ## Check style, types, the direction of imports and the committed schema
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports
	@$(MANAGE) schema --check

bench: tools ## Measure the program against its yardsticks
	@$(BIN)/python -m bench $(ARGS)

migrate: embedded ## Bring the database to the newest schema
	@$(MANAGE) migrate $(ARGS)

downgrade: embedded ## Take the newest migration back (ARGS=base: all of them)
	@$(MANAGE) downgrade $(ARGS)

makemigration: embedded ## Write a migration from the models: make makemigration m="what it does"
	@test -n "$(m)" || { echo 'Say what it does: make makemigration m="add a colour to products"'; exit 1; }
	@$(MANAGE) makemigration -m "$(m)" $(ARGS)

seed: embedded ## Add the departments, regions and categories that are missing
	@$(MANAGE) seed $(ARGS)

migrate_and_seed: embedded ## Migrate, then seed
	@$(MANAGE) migrate_and_seed $(ARGS)

demo: embedded ## Add the demo goods and people (ARGS="--products 100000")
	@$(MANAGE) demo $(ARGS)

create-staff: embedded ## Open an account for a member of staff (ARGS=--help)
	@$(MANAGE) create-staff $(ARGS)

check-stock: embedded ## Prove that every stock count equals the sum of its ledger
	@$(MANAGE) check-stock $(ARGS)

replay-prices: embedded ## Count the prices of all orders anew from the facts kept with them (ARGS="--order 17")
	@$(MANAGE) replay-prices $(ARGS)

categorize-customers: embedded ## Correct the tiers of customers that are not what their orders say
	@$(MANAGE) categorize-customers $(ARGS)

import-products: embedded ## Take in a file of products (ARGS="goods.csv --dry-run"; docs/import.md)
	@$(MANAGE) import-products $(ARGS)

export-products: embedded ## Write all products into a file (ARGS=goods.csv)
	@$(MANAGE) export-products $(ARGS)

outbox: embedded ## List the events that could not be delivered, or replay them (ARGS=list, ARGS="replay --all")
	@$(MANAGE) outbox $(ARGS)

stripe-sync: embedded ## Tell Stripe of all products that it does not have as they are (ARGS=--dry-run)
	@$(MANAGE) stripe-sync $(ARGS)

cache: embedded ## Tell how the cache does, or empty it (ARGS=stats, ARGS=clear)
	@$(MANAGE) cache $(ARGS)

requirements: python ## Compile requirements*.txt from requirements*.in (ARGS=--upgrade: newest versions)
	@test -x .venv-tools/bin/uv || { $(PYTHON) -m venv .venv-tools && \
	  .venv-tools/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); }
	@for name in requirements requirements-dev requirements-assets requirements-embedded; do \
	  $(COMPILE) $$(test $$name = requirements-embedded && echo --no-deps) $(ARGS) $$name.in -o $$name.txt || exit 1; \
	done

clean: ## Remove what was installed and measured; the data in .state stays
	@rm -rf $(VENV) .venv-tools node_modules static/vendor htmlcov .coverage .coverage.* \
	  .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@command -v $(PYTHON) > /dev/null || { echo "There is no $(PYTHON) here. Install Python 3.11 or newer," \
	  "or name one: make run PYTHON=/path/to/python3"; exit 1; }

embedded: python
	@$(INSTALL) runtime embedded

tools: python
	@$(INSTALL) runtime embedded dev
	@$(ASSETS) --dev
