# Everything that one does with Runut from a clone. `make help` lists it.
.DEFAULT_GOAL := help
.PHONY: help demo serve test test-long bench evidence evidence-equity evidence-watch java web browser messages check format-check lint types layers lock clean

PY := .venv/bin/python
# Options for pytest, e.g. make test ARGS="-k lake -x"
ARGS ?=
# Two processes, for many tests wait for a broker or a server; ARGS="-n 0" runs them in one
SIDE_BY_SIDE = -n 2 --dist loadfile
# The Python that makes .venv; empty: the first one that is 3.11 or newer
PYTHON ?=
export PYTHON

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*  ## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

# The virtual environment is filled once, and again when a lock or the project file changes.
.venv/.for-demo: requirements-run.lock pyproject.toml scripts/make-venv
	@scripts/make-venv requirements-run.lock
	@touch $@

.venv/.for-tests: requirements.lock pyproject.toml scripts/make-venv
	@scripts/make-venv requirements.lock
	@touch $@ .venv/.for-demo

demo: .venv/.for-demo  ## a simulated permit office, mined, with a report to look at (OUT=folder)
	@.venv/bin/runut demo $(if $(OUT),--out "$(OUT)")

# The BPMN page draws with bpmn-js; where npm is missing, the demo's pages do without.
serve: .venv/.for-demo  ## the demo's results as pages in a browser (ARGS=options of runut serve)
	@scripts/need-web || true
	@test -e out/demo/results || .venv/bin/runut demo
	@.venv/bin/runut serve --results out/demo/results $(ARGS)

test: java web browser .venv/.for-tests  ## all tests that take seconds, with Apache Kafka itself (ARGS=options of pytest)
	$(PY) -m pytest $(SIDE_BY_SIDE) $(ARGS)

test-long: java web browser .venv/.for-tests  ## the tests that take minutes
	$(PY) -m pytest -m long $(ARGS)

# The peers have an environment of their own: with Polars beside it pm4py reads XES in another way, and tests would see that.
BENCH := .cache/bench/venv
$(BENCH)/.filled: requirements-bench.lock | .venv/.for-demo
	$(PY) -m venv --clear --without-pip $(BENCH)
	$(PY) -m pip --python $(BENCH)/bin/python install --quiet --no-compile --require-hashes --no-deps -r requirements-bench.lock
	@touch $@

bench: $(BENCH)/.filled  ## measure against the peers, write docs/benchmarks.md (ARGS=--long: 50M too)
	PYTHONPATH=. $(BENCH)/bin/python bench/run.py $(ARGS)

evidence: .venv/.for-demo  ## look for planted detours in 300 simulated offices, write docs/evidence.md (ARGS=--resume)
	PYTHONPATH=. $(PY) evidence/detours.py $(ARGS)

evidence-equity: .venv/.for-demo  ## is unequal treatment found, and only where it is (ARGS=--resume)
	PYTHONPATH=. $(PY) evidence/equity.py $(ARGS)

evidence-watch: .venv/.for-demo  ## does a watch speak in time, and only then (ARGS=--resume)
	PYTHONPATH=. $(PY) evidence/watch.py $(ARGS)

java:
	@scripts/need-java

web:  ## what browsers need of npm: bpmn-js, and axe-core for the tests
	@scripts/need-web

browser:
	@scripts/need-browser

messages: .venv/.for-tests  ## find what people read, and what is not translated yet
	$(PY) -m reports.words.catalogue

check: format-check lint types layers  ## style, types and who may import whom

format-check: .venv/.for-tests
	.venv/bin/ruff format --check

lint: .venv/.for-tests
	.venv/bin/ruff check

types: .venv/.for-tests
	.venv/bin/mypy

layers: .venv/.for-tests
	.venv/bin/lint-imports

# One resolution, three locks: all of it, what running (and building) needs, and with the peers. Spark (400 MB)
# is in the first only, through the group dev: whoever wants it asks for runut[spark].
COMPILE = uv pip compile --quiet --universal --generate-hashes --extra confluent --python-version 3.11 \
	--no-emit-index-url --custom-compile-command 'make lock' pyproject.toml
lock:  ## choose the newest versions that pyproject.toml allows, with hashes (needs uv)
	@command -v uv >/dev/null || { echo 'make lock needs uv, for instance: pipx install uv'; exit 1; }
	$(COMPILE) --upgrade --group dev -o requirements.lock
	$(COMPILE) --upgrade --group build -c requirements.lock -o requirements-run.lock
	$(COMPILE) --upgrade --group bench -c requirements.lock -o requirements-bench.lock

clean:  ## remove what was made here, not what you made
	rm -rf .venv .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist out
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
