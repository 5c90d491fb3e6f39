# Everything a person or CI does here. `make help` lists it. Needs Python and make; uv is found or installed.

UV := $(or $(shell command -v uv 2>/dev/null),.tools/bin/uv)
PY := .venv/bin/python
export UV_PYTHON_DOWNLOADS := never
export RAY_ENABLE_UV_RUN_RUNTIME_ENV := 0
# Else each of the many processes that tests start compiles our modules for itself.
unexport PYTHONDONTWRITEBYTECODE
PYPROJECTS := pyproject.toml packages/engine/pyproject.toml apps/text/pyproject.toml apps/video/pyproject.toml apps/image/pyproject.toml apps/audio/pyproject.toml

.PHONY: help demo demo-video demo-image demo-audio test test-long check fix bench gpu-check lock docs
.DEFAULT_GOAL := help

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: .venv/stamp  ## Deduplicate real text and show what was found
	$(PY) examples/demo.py

demo-video: .venv/stamp  ## Draw a video, split it into clips, write a page about them
	$(PY) examples/demo_video.py

demo-image: .venv/stamp  ## Draw pictures, curate them, write a page about them
	$(PY) examples/demo_image.py

demo-audio: .venv/stamp  ## Make sounds, cut them into speech, write a page about them
	$(PY) examples/demo_audio.py

# Three processes: tests on Ray wait for processes to start most of the time, and those of these folders are half of the rest.
HALF := tests/text tests/image tests/upstream tests/benchmarks
PART = exec $(PY) -m coverage run -m pytest --durations=25 -m
test: .venv/test-stamp  ## Run the tests, with coverage
	rm -f .coverage .coverage.*
	@( $(PART) "ray and not long and not gpu" > .tests-on-ray.log 2>&1 ) & ray=$$!; \
	( $(PART) "not ray and not long and not gpu" $(HALF) > .tests-of-half.log 2>&1 ) & half=$$!; \
	trap 'kill $$ray $$half' INT TERM; \
	( $(PART) "not ray and not long and not gpu" $(HALF:%=--ignore=%) ); rest=$$?; \
	wait $$half; half=$$?; wait $$ray; ray=$$?; \
	cat .tests-of-half.log .tests-on-ray.log; exit $$((rest + half + ray))
	$(PY) -m coverage combine -q
	$(PY) -m coverage report
	$(PY) -m coverage report --include='packages/engine/*' --fail-under=90 --format=total

# Two processes: those of Ray mostly wait, and more clusters at once than one would starve each other.
LONG = exec $(PY) -m pytest --durations=25 -m
test-long: .venv/test-stamp  ## Kill loops, memory, large inputs
	@( $(LONG) "long and ray and not gpu" > .tests-on-ray.log 2>&1 ) & ray=$$!; \
	trap 'kill $$ray' INT TERM; \
	( $(LONG) "long and not ray and not gpu" ); rest=$$?; \
	wait $$ray; ray=$$?; \
	cat .tests-on-ray.log; exit $$((rest + ray))

# Types take most of the time, on one core.
check: .venv/test-stamp  ## Lint, types, import contracts, generated files
	@( exec .venv/bin/basedpyright --level error > .tests-of-types.log 2>&1 ) & types=$$!; \
	trap 'kill $$types' INT TERM; \
	( set -ex; .venv/bin/ruff check; .venv/bin/ruff format --check; .venv/bin/lint-imports; \
	  $(PY) docs/generate_cli.py --check; sh docs/lock.sh $(UV) --check; $(PY) docs/sizes.py ); rest=$$?; \
	wait $$types; types=$$?; cat .tests-of-types.log; exit $$((rest + types))

fix: .venv/test-stamp  ## Format and fix what can be fixed
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

bench: .venv/test-stamp  ## Run the reference benchmarks
	$(PY) benchmarks/run.py

gpu-check: .venv/test-stamp  ## Run everything that is written for GPUs on one
	$(PY) benchmarks/gpu_check.py

lock: .venv/test-stamp  ## Write requirements.lock
	sh docs/lock.sh $(UV)

docs: .venv/test-stamp  ## Write docs/cli.md
	$(PY) docs/generate_cli.py

.tools/bin/uv:
	@python3 --version >/dev/null 2>&1 || { echo "make: python3 is not on the PATH; install Python 3.12"; exit 1; }
	python3 -m pip install --quiet --disable-pip-version-check --target .tools 'uv>=0.9,<1'

# pyenv's interpreters are not on the PATH, so look for one there before giving up.
PYTHON312 = $$($(UV) python find 3.12 2>/dev/null || ls -d $$HOME/.pyenv/versions/3.12*/bin/python 2>/dev/null | tail -n 1)
SYNC = python=$(PYTHON312); \
	test -n "$$python" || { echo "make: Python 3.12 was not found; install it (pyenv install 3.12, or apt install python3.12)"; exit 1; }; \
	$(UV) sync --quiet --python "$$python" --inexact --all-packages

# What the commands need; without torch, which is 5 GB.
.venv/stamp: $(PYPROJECTS) .python-version | $(UV)
	@$(SYNC)
	@touch $@

# What the tests and checks need: all extras, torch as well.
.venv/test-stamp: $(PYPROJECTS) .python-version | $(UV)
	@$(SYNC) --all-extras --all-groups
	@touch $@ .venv/stamp
