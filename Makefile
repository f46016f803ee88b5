# demo   from nothing to the report of the demo study        test   the test suite
# lint   style, formatting, import contracts, spelling       clean  results, simulated raw files and the environments
# mustache   the loop caller Mustache in .venvs/mustache, for studies that name it; nothing else needs it
SHELL := /bin/bash
CORES ?= 2
STAMP := .venv/.made
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export OMP_WAIT_POLICY := PASSIVE

.PHONY: demo test lint mustache clean
.DELETE_ON_ERROR:

demo: $(STAMP)
	.ci/unlock
	snakemake --cores $(CORES) --rerun-incomplete --max-jobs-per-timespan 1000/10s
	@echo "The demo study's report: $(CURDIR)/results/demo/report.html"

test: $(STAMP)
	OMP_NUM_THREADS=1 python -m pytest -n 2

lint: $(STAMP)
	ruff check .
	ruff format --check .
	snakefmt --check Snakefile workflow
	snakemake --lint
	lint-imports
	codespell

mustache:
	.ci/mustache

# Made again only when what it is made from has changed.
$(STAMP): requirements.lock pyproject.toml .ci/setup
	.ci/setup
	@touch $@

clean:
	rm -rf results resources/raw .snakemake .venv .venvs .pytest_cache .ruff_cache .hypothesis .import_linter_cache
