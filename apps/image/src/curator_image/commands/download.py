"""The command `curator-image download`: from lists of addresses to pictures."""

from dataclasses import dataclass
from typing import Any

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.run_into_folder import run_into_folder
from curator_engine.commands.workflow_job import WorkflowJob
from curator_engine.running.lost_rows import lost_lines
from curator_image.pipelines.download import DownloadWorkflow
from curator_image.settings import DownloadSettings

_SHOWN = 5


def run(settings: DownloadSettings, console: Console) -> JobResult:
    """Download as the settings say.

    Raises:
        CuratorError: Bad input or options, a full disk.
    """
    return run_into_folder(Download(settings=settings, console=console))


@dataclass(kw_only=True)
class Download(WorkflowJob[DownloadSettings, DownloadWorkflow]):
    """Lists into pictures."""

    of = DownloadWorkflow

    def result(self, facts: dict[str, Any]) -> JobResult:
        """What came, what did not and why, and where the result is."""
        output = self.settings.output
        reasons = list(facts["failed_by"].items())
        lines = [
            f"{facts['urls']:,} addresses: {facts['downloaded']:,} pictures, "
            f"{facts['bytes'] / 1e6:,.1f} MB; {facts['failed']:,} without one",
            *(f"  {reason}: {count:,}" for reason, count in reasons[:_SHOWN]),
            *([f"  and {len(reasons) - _SHOWN:,} more reasons"] if len(reasons) > _SHOWN else []),
            *lost_lines(facts, output),
            f"result in {output}: data/, downloads.parquet, run.json",
        ]
        names = ("urls", "downloaded", "failed", "failed_by", "bytes", "quarantined", "notes")
        summary = {name: facts[name] for name in names}
        return JobResult(
            summary={**summary, "seconds": facts["total_time"], "output": output},
            lines=lines,
            exit_code=3 if facts["quarantined"] else 0,
        )
