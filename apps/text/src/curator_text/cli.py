"""The command `curator-text`: the list of its jobs."""

import sys

from curator_engine.cli import Job, run_app
from curator_text import __version__
from curator_text.settings import FuzzySettings

JOBS = [
    Job(
        name="fuzzy",
        settings=FuzzySettings,
        run="curator_text.fuzzy_command:run",
        help="Remove near-duplicate documents: find candidates by MinHash, compare them exactly.",
        example="curator-text fuzzy corpus/*.jsonl -o deduplicated",
    ),
]


def main() -> None:
    """Run the command and exit."""
    sys.exit(run_app("curator-text", JOBS, version=__version__))
