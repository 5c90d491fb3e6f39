"""Executors: where a pipeline runs. Only this package imports Ray or Cosmos-Xenna."""

import os

# Under `uv run` Ray's workers would build the environment once more and hang; Ray reads this when it
# is imported, which only the modules below do.
os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
