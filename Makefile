# Everything that is done with a checkout. Needs Python 3.11 or later and make; all else goes into .venv.

PYTHON ?= python3
VENV   ?= .venv
PYTEST_FLAGS ?= -q -n auto --maxprocesses 4 --dist loadgroup

RUN = $(VENV)/bin/python
PIP = $(RUN) -m pip --disable-pip-version-check install -qq --constraint $(CONSTRAINTS)
CONSTRAINTS = constraints.txt
# What a build needs; constraints do not reach what pip would fetch for an isolated one.
BUILDS = hatchling editables click msgspec PyYAML

# What is run with other versions than those of the lock: the files in which a dependency shows (click, PyYAML, msgspec,
# rich, markdown-it, matplotlib, numpy), without PyTorch. A tool that tells an older library of its deprecations is no
# fault of ours.
CORE_TESTS = -W default::DeprecationWarning $(addprefix tests/test_,$(addsuffix .py,analysis assignment bench_records cli \
  errors_in_specs explain_formats feedback formats headlines imports json_contract key kinddocs layer_errors layers \
  markdown_links marking of_grades quantities reader render schema sheets spec_blocks spec_language symbols units))
OTHER_PYTHONS ?= 3.12 3.13 3.14

# A stamp says that a step is done; a changed pyproject.toml or constraints.txt makes it due again.
CREATED = $(VENV)/.created
CORE = $(VENV)/.installed-core
DEV  = $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test test-oldest test-newest test-pythons refresh check lint format docs translations mutations bench build clean

help: ## say what each target does
	@echo 'make TARGET [PYTHON=python3.12] [VENV=.venv] [PYTEST_FLAGS=...]'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(CORE) ## install archcalc in .venv, print two summaries and a comparison
	@for arguments in 'summary vgg16' 'summary resnet50' 'compare googlenet alexnet --flops'; do \
	  echo; echo "\$$ archcalc $$arguments"; echo; $(VENV)/bin/archcalc $$arguments || exit; \
	done

test: $(DEV) ## run every test, with PyTorch as the witness
	@$(RUN) -m pytest $(PYTEST_FLAGS)

test-oldest: ## run the core of the tests, without PyTorch, with the lowest version accepted of every dependency
	@mkdir -p .venv-oldest && $(PYTHON) .ci/oldest.py > .venv-oldest/constraints.txt
	@$(MAKE) --no-print-directory .core VENV=.venv-oldest CONSTRAINTS=.venv-oldest/constraints.txt

test-newest: ## run the core of the tests, without PyTorch, with the newest version of everything
	@rm -rf .venv-newest
	@$(MAKE) --no-print-directory .core VENV=.venv-newest CONSTRAINTS=/dev/null

test-pythons: ## run the core of the tests with each other Python that is found; OTHER_PYTHONS="3.12 3.14" says which
	@for version in $(OTHER_PYTHONS); do \
	  if python$$version -c '' 2>/dev/null; then \
	    $(MAKE) --no-print-directory .core PYTHON=python$$version VENV=.venv-$$version || exit; \
	  else echo "python$$version was not found"; fi; \
	done

.core: $(CREATED)
	@echo 'Installing archcalc and the tools of its tests in $(VENV) …'
	@$(PIP) 'pip>=25.1'
	@$(PIP) $(BUILDS) --group dev
	@$(PIP) --no-build-isolation --editable '.[plot]'
	@$(RUN) -m pip --disable-pip-version-check list --format freeze | grep -iE '^(click|markdown-it-py|msgspec|pyyaml|rich)='
	@$(RUN) -m pytest $(PYTEST_FLAGS) $(CORE_TESTS)

refresh: ## write constraints.txt anew: the newest of every package of the development environment but those held
	@rm -rf .venv-refresh && $(PYTHON) -m venv .venv-refresh
	@.venv-refresh/bin/python -m pip --disable-pip-version-check install -qq 'pip>=25.1'
	@.venv-refresh/bin/python -m pip install -qq --constraint constraints-held.txt --editable '.[torch]' --group dev
	@{ sed '/^#/!d' constraints.txt; .venv-refresh/bin/python -m pip freeze --all --exclude-editable --exclude archcalc \
	  | sed 's/+.*//; /^#/d'; } > .venv-refresh/constraints.txt
	@mv .venv-refresh/constraints.txt constraints.txt && rm -rf .venv-refresh
	@git diff --stat -- constraints.txt

check: lint test ## what must hold before a commit: lint, then test

lint: $(DEV) ## check the format, the style, the types and that generated docs and translations are current
	@$(RUN) -m ruff format --check || { echo 'make format puts the files above right'; exit 1; }
	@$(RUN) -m ruff check --quiet
	@$(RUN) -m mypy --no-error-summary
	@$(RUN) docs/generate.py --check
	@$(RUN) docs/translations.py --check

format: $(DEV) ## put format and imports right
	@$(RUN) -m ruff format --quiet
	@$(RUN) -m ruff check --quiet --select I --fix

docs: $(DEV) ## write the generated parts of docs/ and of the README again
	@$(RUN) docs/generate.py

translations: $(DEV) ## extract the texts for people, update the catalogues and compile them
	@$(RUN) docs/translations.py

mutations: $(DEV) ## break every row of the table of mistakes, and see whether its examples notice
	@$(RUN) tests/mutations.py

bench: $(DEV) ## measure archcalc's own speed and memory, and hold the clock of bench against torch's
	@failed=0; for script in run memory grading clock; do $(RUN) benchmarks/$$script.py || failed=1; done; exit $$failed

build: $(DEV) ## build sdist and wheel into dist/
	@$(RUN) -m build --no-isolation

clean: ## remove .venv, caches and what was built
	rm -rf $(VENV) .venv-* build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(CREATED):
	@command -v $(PYTHON) >/dev/null || \
	  { echo '$(PYTHON) is not installed; archcalc needs Python 3.11 or later'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	  "archcalc needs Python 3.11 or later, and $(PYTHON) is %d.%d; name another: make PYTHON=python3.12" \
	  % sys.version_info[:2] or 0)'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo '$(PYTHON) has no venv module; on Debian and Ubuntu: sudo apt install python3-venv'; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(CORE): $(CREATED) pyproject.toml constraints.txt
	@echo 'Installing archcalc in $(VENV) …'
	@$(PIP) $(BUILDS)
	@$(PIP) --no-build-isolation --editable .
	@touch $@

# Dependency groups came with pip 25.1, and Python 3.11 brings an older one.
$(DEV): $(CREATED) pyproject.toml constraints.txt
	@echo 'Installing archcalc, PyTorch and the development tools in $(VENV) (minutes, the first time) …'
	@$(PIP) 'pip>=25.1'
	@$(PIP) $(BUILDS) --group dev
	@$(PIP) --no-build-isolation --editable '.[torch]'
	@touch $(CORE) $@
