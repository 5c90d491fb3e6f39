"""The command `curator-video`: the list of its jobs."""

import sys

from curator_engine.cli import Job, run_app
from curator_video import __version__

JOBS: list[Job] = []


def main() -> None:
    """Run the command and exit."""
    sys.exit(run_app("curator-video", JOBS, version=__version__))
