"""The command `curator-image download`: from lists of addresses to pictures."""

from dataclasses import dataclass

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.run_into_folder import run_into_folder
from curator_engine.pipelines.download import FetchJob
from curator_image.pipelines.download import DownloadWorkflow
from curator_image.settings import DownloadSettings


def run(settings: DownloadSettings, console: Console) -> JobResult:
    """Download as the settings say.

    Raises:
        CuratorError: Bad input or options, a full disk.
    """
    return run_into_folder(Download(settings=settings, console=console))


@dataclass(kw_only=True)
class Download(FetchJob[DownloadSettings, DownloadWorkflow]):
    """Lists into pictures."""

    of = DownloadWorkflow
    what, without = "pictures", "without one"
