"""Job files from Python: `run_job` is `curator-text run`."""

import logging
from collections.abc import Sequence
from typing import Any

from curator_engine.commands.cli import Console
from curator_engine.commands.job_commands import JobApp, run_job_file
from curator_text.cli import JOBS
from curator_text.version import __version__

_logger = logging.getLogger(__name__)


class _Log(Console):
    """Warnings go to the log of the program."""

    def warn(self, line: str) -> None:
        _logger.warning("%s", line)


def run_job(
    path: str,
    *,
    set: Sequence[str] = (),
    output: str = "",
    drop_steps: bool = False,
    resume: bool = False,
    overwrite: bool = False,
    **options: Any,
) -> dict[str, Any]:
    """Run the steps of a job file.

    Args:
        path: The file; its paths are relative to it.
        set: Changes of options, as "fuzzy.threshold=0.7".
        output: Folder for the result, instead of the one that the file names.
        drop_steps: Remove `data/` of each step when the next one has read it.
        resume: Go on with a run that was stopped.
        overwrite: Remove the result of an earlier run first.
        options: `executor`, `workers` and `limit`, instead of those that the file names.

    Returns:
        What `curator-text run --json` prints: `documents`, `kept`, `removed`, `lost_rows`, and the same
        by step.

    Raises:
        CuratorError: The file, the input or the output is not as it must be; a step failed.

    Example:
        >>> found = run_job("job.yaml", set=["fuzzy.threshold=0.7"], output="curated")
        >>> found["kept"], found["steps"]["01-filter"]["removed"]
    """
    app = JobApp(program="curator-text", version=__version__, jobs=JOBS)
    result = run_job_file(
        path,
        app,
        _Log(quiet=True),
        changes=set,
        output=output,
        drop_steps=drop_steps,
        options=options,
        resume=resume,
        overwrite=overwrite,
    )
    return result.summary
