"""The command `curator-audio report`: write the page of a run again."""

from curator_audio.commands.audio_app import AUDIO_APP
from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.item_jobs import report_items
from curator_engine.commands.item_settings import ReportSettings


def run(settings: ReportSettings, console: Console) -> JobResult:
    """See `report_items`.

    Raises:
        CuratorError: Bad input or options, or a folder that is no finished run.
    """
    return report_items(AUDIO_APP, settings, console)
