# make book, make test: everything they need is set up first, in .venv
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
TESTS := .venv/tests

CHAPTER ?=
MODULE ?=
LANGUAGE ?=
COUNT ?=
DRIVER := .venv/driver
OLD := .venv/oldest
PIP := $(BIN)/pip install --quiet

.PHONY: book publish page quick test prove mutants test-browser test-office bench serve lint run editions requirements release package oldest links translation clean

book: $(READY)  ## build the site into _build/html, warnings as errors
	$(BIN)/python book/run.py
	$(BIN)/jupyter-book build . -W -n --keep-going

publish: $(READY)  ## the site as it is to be published: BOOK_URL=https://… make publish
	@$(BIN)/python book/publish.py
	$(MAKE) book

page: $(READY)  ## one page, ready to look at, and nothing else: make page CHAPTER=cases/kobe
	@$(BIN)/python book/page.py $(CHAPTER) $(LANGUAGE)

quick: $(TESTS)  ## lint and the tests of what changed since the last commit, in seconds
	@$(BIN)/python tests/quick.py

test: book $(TESTS)  ## unit tests, doctests, every notebook as a reader has it, the data and the built site
	$(BIN)/python -m pytest

prove: $(TESTS)  ## the long proofs, of which `make test` has samples: coverage, every edition, fuzzing, mutants
	$(PIP) --require-hashes -r requirements/prove.txt
	PROFILE=prove $(BIN)/python -m pytest -m hypothesis tests
	$(BIN)/python -m pytest tests/prove

mutants: $(TESTS)  ## small faults in a model, and which its tests miss: make mutants MODULE=contracts COUNT=40
	@$(BIN)/python -m tests.mutants $(MODULE) $(COUNT)

test-browser: book $(DRIVER)  ## the site in a real browser: CHROMIUM, or Debian's chromium
	$(BIN)/python -m pytest tests/browser --override-ini addopts=--strict-markers -n 2

test-office: book $(TESTS)  ## the workbooks' formulas in LibreOffice: SOFFICE, or Debian's libreoffice-calc; the EPUB in Debian's epubcheck
	$(BIN)/python -m pytest tests/office --override-ini addopts=--strict-markers

bench: book $(DRIVER)  ## speed, as ratios to peers on equal work in the same run; nothing is asserted
	$(BIN)/python -m pytest benchmarks --override-ini addopts= --benchmark-quiet -q
	$(BIN)/python benchmarks/live_pages.py 1 cases/kobe

serve: book  ## read the book at http://127.0.0.1:8000
	$(BIN)/python -m http.server 8000 --bind 127.0.0.1 --directory _build/html

release: $(READY)  ## what a release gives away, in dist/: packages, site, PDF, EPUB, packs, list of parts, checksums
	@$(BIN)/python book/release.py ready
	$(MAKE) book
	@$(BIN)/python book/release.py

package:  ## wheel and sdist, built, compared, installed and tested from nothing: make package PYTHON=python3.12
	@$(PYTHON) tests/built.py

oldest:  ## the package's tests with the oldest packages that pyproject.toml allows
	$(PYTHON) -m venv $(OLD) && $(OLD)/bin/pip install --quiet uv
	$(OLD)/bin/uv pip compile --quiet --python $(OLD)/bin/python --resolution lowest-direct --all-extras \
	  --no-annotate pyproject.toml --output-file $(OLD)/oldest.txt >/dev/null
	$(OLD)/bin/uv pip install --quiet --python $(OLD)/bin/python --constraint $(OLD)/oldest.txt '.[dask,excel,pictures]' --group package
	$(OLD)/bin/python tests/package.py

links: book  ## every link of the site to another host, asked
	@$(BIN)/python book/links.py

translation: $(READY)  ## what pages in a language lack, made ready to be said: make translation LANGUAGE=ja
	@$(BIN)/python book/translate.py $(LANGUAGE)

lint: $(TESTS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

run: $(READY)  ## run every chapter, or CHAPTER=cases/kobe, and store what it prints, after a change to code or data
	$(BIN)/python book/run.py --store $(CHAPTER)

editions: $(READY)  ## each chapter for readers, students, with solutions and for instructors, into _build/editions
	$(BIN)/python book/editions.py

requirements:  ## pin every environment anew, with hashes, from pyproject.toml
	$(PYTHON) -m venv .venv && $(PIP) uv
	$(BIN)/python requirements/lock.py --upgrade

clean:
	rm -rf _build .venv dist

# the pins say what is installed; a line of pyproject.toml that changes a dependency changes them too
$(READY): requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make book PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

$(TESTS): requirements/test.txt $(READY)
	$(PIP) --require-hashes -r requirements/test.txt
	touch $@

$(DRIVER): requirements/browser.txt $(TESTS)
	$(PIP) --require-hashes -r requirements/browser.txt
	touch $@
