# What people do most, on Linux and macOS: `make` alone lists it. ARGS passes options on: make run ARGS="--source mouse"
PYTHON = .venv/bin/python
ARGS =

.PHONY: help setup run test check wheel

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 8

setup: ## make .venv with everything that the program, its tests and the checks need
	python3 -m venv .venv
	$(PYTHON) -m pip install -q -r requirements-dev.txt

run: ## open the window
	$(PYTHON) main.py $(ARGS)

test: ## run the tests; one file: make test ARGS=tests/air_sketch/hands/test_gestures.py
	$(PYTHON) -m pytest $(ARGS)

check: ## look at style, format and types
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

wheel: ## build dist/air_sketch-*.whl
	rm -rf build
	$(PYTHON) -m pip wheel . --no-deps -q -w dist
