"""The command `curator-text download`: from sources, or lists of addresses, to files."""

from dataclasses import dataclass
from typing import Any

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.run_into_folder import run_into_folder
from curator_engine.commands.workflow_job import WorkflowJob
from curator_engine.files.listing import Listing
from curator_engine.running.lost_rows import lost_lines
from curator_text.pipelines.download import DownloadWorkflow, listing_of
from curator_text.source_settings import DownloadSettings

_SHOWN = 5


def run(settings: DownloadSettings, console: Console) -> JobResult:
    """Download as the settings say.

    Raises:
        CuratorError: Bad input or options, a source that does not answer, a full disk.
    """
    return run_into_folder(Download(settings=settings, console=console))


@dataclass(kw_only=True)
class Download(WorkflowJob[DownloadSettings, DownloadWorkflow]):
    """Addresses into files."""

    of = DownloadWorkflow

    def listed(self) -> Listing:
        """The lists, or the source."""
        return listing_of(self.settings)

    def result(self, facts: dict[str, Any]) -> JobResult:
        """What came, what did not and why, and where the result is."""
        output = self.settings.output
        reasons = list(facts["failed_by"].items())
        lines = [
            f"{facts['urls']:,} addresses: {facts['downloaded']:,} downloaded, "
            f"{facts['bytes'] / 1e6:,.1f} MB; {facts['failed']:,} not",
            *(f"  {reason}: {count:,}" for reason, count in reasons[:_SHOWN]),
            *([f"  and {len(reasons) - _SHOWN:,} more reasons"] if len(reasons) > _SHOWN else []),
            *lost_lines(facts, output),
            f"result in {output}: data/, downloads.parquet, run.json",
        ]
        names = ("urls", "downloaded", "failed", "failed_by", "bytes", "quarantined", "notes")
        of_a_step = {
            "documents": facts["urls"],
            "kept": facts["downloaded"],
            "removed": facts["failed"],
            "rules": facts["failed_by"],
            "unit": "addresses",
        }
        summary = {name: facts[name] for name in names} | of_a_step
        return JobResult(
            summary={**summary, "seconds": facts["total_time"], "output": output},
            lines=lines,
            exit_code=3 if facts["quarantined"] else 0,
        )
