"""The command `curator-image`: the list of its jobs."""

from curator_engine.commands.cli import leave, run_app
from curator_engine.commands.settings import Job
from curator_image import __version__
from curator_image.settings import ProbeSettings

JOBS = [
    Job(
        name="probe",
        settings=ProbeSettings,
        run="curator_image.commands.probe:run",
        help="Say what pictures, tars and tables of pictures hold, and what is amiss with them.",
        example="curator-image probe photos/",
    ),
]


def main() -> None:
    """Run the command and exit."""
    leave(run_app("curator-image", JOBS, version=__version__))
