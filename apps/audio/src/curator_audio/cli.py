"""The command `curator-audio`: the list of its jobs."""

from curator_audio import __version__
from curator_engine.commands.cli import leave, run_app
from curator_engine.commands.settings import Job

JOBS: list[Job] = []


def main() -> None:
    """Run the command and exit."""
    leave(run_app("curator-audio", JOBS, version=__version__))
