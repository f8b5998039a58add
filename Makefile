# Two commands are all a fresh machine needs: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check setup format lint types layers coverage docs lock faults mutants oracle bench-decision bench-scale bench-book bench-exchange bench-log boundaries prove clean simulate

demo: setup  ## replay the night of 22 November 2019 on real data, then an invented community
	@$(BIN)/python tools/weight.py
	@$(BIN)/python demo/night.py $(ARGS)
	@$(BIN)/python demo/community.py
	@$(BIN)/python demo/nodes.py $(if $(STAY),--stay)

test: .venv/.test  ## every test
	$(BIN)/python -m pytest -q $(ARGS)

check: lint types layers test  ## what CI runs

setup: .venv/.run  ## .venv with .venv/bin/comity

.venv/.run: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Comity needs Python 3.11 or later; say PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.test: requirements/test.txt .venv/.run
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@

lint: .venv/.test
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types: .venv/.test
	$(BIN)/mypy src demo/night.py demo/saturday.py demo/launches.py demo/community.py demo/nodes.py demo/trio.py demo/simulated.py $(wildcard benchmarks/*.py benchmarks/peers/*.py)

layers: .venv/.test
	$(BIN)/lint-imports --no-cache

coverage: .venv/.test  ## every test again, and what no test has seen
	$(BIN)/coverage run -m pytest -q
	$(BIN)/coverage report --fail-under=90 --skip-covered --sort=cover

format: .venv/.test
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

docs: .venv/.run  ## write what the docs draw from the code
	$(BIN)/python tools/draw.py

lock:  ## the locks anew, with hashes and without addresses; needs uv
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 requirements/run.in -o requirements/run.txt
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 requirements/test.in -o requirements/test.txt
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 requirements/bench.in -o requirements/bench.txt

clean:
	rm -rf .venv demo-out

faults: .venv/.test  ## plant faults one at a time and see that a test notices each
	$(BIN)/python tools/faults.py

mutants: .venv/.test  ## change the core a little, and see that a test notices; ARGS="--room release --seed 2"
	$(BIN)/python tools/mutants.py $(ARGS)

oracle: .venv/.test  ## ask the plain oracle and the code 10,000 boundary requests a world
	$(BIN)/python tests/oracle/compare.py $(ARGS)

prove: .venv/.test  ## what holds for every request of every world, proved
	$(BIN)/python tools/prove.py $(ARGS)

bench-decision: .venv/.bench  ## a decision beside its peers; ARGS="--accords 10,100" for less
	$(BIN)/python benchmarks/decision.py $(ARGS)

bench-scale: .venv/.test  ## load, decide, why not, batch, what stops, memory, at 10 to 10,000 accords
	$(BIN)/python benchmarks/scale.py $(ARGS)

bench-log: .venv/.run  ## the custody log at a million leaves: appending, and proofs; ARGS=10000 for less
	$(BIN)/python benchmarks/custody.py $(ARGS)

bench-exchange: setup  ## one exchange and many between two real nodes, beside the floor
	$(BIN)/python benchmarks/crossing.py $(ARGS)

bench-book: .venv/.run  ## a book of agreements: import, load, check, dates, at 100 to 10,000
	$(BIN)/python benchmarks/agreements.py $(ARGS)

.venv/.bench: requirements/bench.txt .venv/.run
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

boundaries: .venv/.test  ## how many boundary requests each planted fault takes
	$(BIN)/python tests/testing/planted.py

simulate: .venv/.test  ## nodes under a deterministic network, disk and clock; SEEDS=400
	$(BIN)/python tools/simulator.py --seeds $(or $(SEEDS),400)
