# Needs make, python3 (3.11 or later) with venv, and nothing else.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help report test lint types referee catalogue lock clean

PYTHON ?= python3
PYTEST_ARGS ?=

# Many small problems: one BLAS thread each is faster than several.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

help: ## List what make can do
	@sed -n 's/^\([a-z]*\): .*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r target text; do printf '%-14s %s\n' "$$target" "$$text"; done

report: .venv/.installed ## Carry out every study and write reports/index.html
	.venv/bin/trialkit reproduce

test: .venv/.installed ## Run the test suite (PYTEST_ARGS="-k ancova" for a part of it)
	.venv/bin/python -m pytest $(PYTEST_ARGS)

lint: .venv/.installed ## Check style and formatting
	.venv/bin/ruff check
	.venv/bin/ruff format --check

types: .venv/.installed ## Check types
	.venv/bin/mypy

referee: .venv/.installed ## Write docs/referee.md: every number beside its referee
	.venv/bin/python tests/referee.py

catalogue: .venv/.installed ## Bring the translations up to date with the program's messages
	.venv/bin/python tests/catalogue.py

# uv is needed for this one only.
lock: ## Pin every dependency anew in requirements.lock
	uv pip compile pyproject.toml --group test --group build --universal --python-version 3.11 \
	  --fork-strategy fewest --generate-hashes --no-header --no-annotate --quiet -o requirements.lock

clean: ## Remove the environment, the reports and every cache
	rm -rf .venv dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find reports -mindepth 1 ! -name README.md -delete
	find src tests analyses data -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.dependencies: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "trialkit needs Python 3.11 or later, found " + sys.version.split()[0])'
	rm -rf .venv
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	touch $@

.venv/.installed: .venv/.dependencies pyproject.toml
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@
