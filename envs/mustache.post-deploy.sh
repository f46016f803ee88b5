#!/usr/bin/env bash
# Snakemake runs this from the working directory, which is the checkout, when it has made the environment.
set -euo pipefail
python -m pip install --no-deps -e .
