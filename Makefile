# make demo   tells the story on the terminal            make test   linters, types, contracts, tests
# make slow   the minutes-long suites (crashes, scale)   make bench  every speed beside its peer
# make fuzz   every parser of a stranger's bytes, a minute each   make coverage  make test, and what it reaches
# make screenshots   every page, phone and desktop, light and dark, into build/screenshots
VENV ?= .venv
export VENV

.PHONY: demo test coverage slow fuzz bench screenshots check fix clean

$(VENV)/.ready: pyproject.toml constraints.txt scripts/setup
	scripts/setup

demo: $(VENV)/.ready
	scripts/assets
	$(VENV)/bin/assent demo

check: $(VENV)/.ready
	scripts/check

fix: $(VENV)/.ready
	scripts/fix

test: check
	scripts/test

coverage: check
	COVERAGE=1 scripts/test

slow: $(VENV)/.ready
	scripts/assets
	$(VENV)/bin/pytest -q -m slow

fuzz: $(VENV)/.ready
	scripts/fuzz

screenshots: $(VENV)/.ready
	scripts/assets
	scripts/browser
	$(VENV)/bin/python scripts/screenshots.py

bench: $(VENV)/.ready
	for name in decide bulk seal import log terms web; do $(VENV)/bin/assent bench $$name || exit; done

clean:
	rm -rf $(VENV) .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist src/assent/web/static/vendor
