# Everything a developer or a newcomer runs. Needs only Python >= 3.11 with pip, and make.
PYTHON ?= python3
UV := .uv/bin/uv
BIN := .venv/bin
export VIRTUAL_ENV := $(CURDIR)/.venv
# The machine's own certificates count: many offices stand behind a proxy that has one.
export UV_SYSTEM_CERTS := 1
# A run in one of our own environments must not be steered by another project's.
unexport PYTHONPATH PYTHONHOME

.PHONY: help demo test check lint types architecture coverage browser broker bench soak lock format install
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

$(UV): .ci/uv.txt
	@echo "==> uv (the installer)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed (PYTHON=…)"; exit 2; }
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-warn-script-location \
		--upgrade --target .uv --require-hashes -r .ci/uv.txt
	@touch $@

.venv/.installed: requirements.lock pyproject.toml $(UV)
	@echo "==> Python packages"
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	@$(UV) pip sync --quiet --require-hashes requirements.lock
	@$(UV) pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

install: .venv/.installed ## environment and page assets
	@$(BIN)/python -m marketplace.web.assets

demo: install ## the whole product with demo data; RESET=1 starts afresh
	@$(if $(RESET),$(BIN)/marketplace reset --yes)
	@MARKETPLACE_DEMO=true exec $(BIN)/marketplace serve --demo --with-worker

test: install ## the tests a newcomer runs (under 8 minutes)
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not browser and not broker and not soak and not bench"

check: install lint types architecture coverage browser broker ## the stricter checks

lint: install ## ruff, style and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: install ## mypy --strict
	@$(BIN)/mypy

architecture: install ## the floors, and that models and migrations agree
	@$(BIN)/lint-imports --no-logo

# Measuring costs the measured code a third more time, so it has a run of its own over the domains' tests alone.
coverage: install ## every line and branch of kit, ledger, rules and states is run by the domains' own tests
	@$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not browser and not broker and not soak and not bench" --cov \
		$(addprefix --ignore=tests/,architecture benchmarks browser cli crash races web workers)

browser: install ## pages in a real Chromium
	@$(BIN)/pytest -m "browser and not soak"

broker: install ## tests that need RabbitMQ (MARKETPLACE_BROKER_URL)
	@$(BIN)/pytest -m "broker and not soak"

.peers/.installed: tests/benchmarks/requirements.txt $(UV)
	@echo "==> what the benchmarks compare with"
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .peers
	@$(UV) pip install --quiet --python .peers/bin/python --require-hashes -r tests/benchmarks/requirements.txt
	@touch $@

bench: install .peers/.installed ## ratios against their aims; never fails by the clock
	@$(BIN)/pytest -m bench -s -q tests/benchmarks

soak: install ## the long matrices in full
	@$(BIN)/pytest -m soak

format: install ## put the code into its one form
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

lock: $(UV) ## resolve dependencies anew
	@$(UV) lock --quiet --upgrade
	@$(UV) export --quiet --format requirements.txt --no-emit-project --all-groups --no-annotate --no-header -o requirements.lock
	@$(UV) pip compile --quiet --upgrade --generate-hashes --no-header --no-annotate --python-version 3.11 \
		-c requirements.lock tests/benchmarks/requirements.in -o tests/benchmarks/requirements.txt
