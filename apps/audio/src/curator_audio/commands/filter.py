"""The command `curator-audio filter`: choose segments again by their stored scores."""

from curator_audio.commands.audio_app import AUDIO_APP
from curator_audio.result_settings import FilterSettings
from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.item_jobs import filter_items


def run(settings: FilterSettings, console: Console) -> JobResult:
    """See `filter_items`.

    Raises:
        CuratorError: Bad input or options, or a folder that is no finished run.
    """
    return filter_items(AUDIO_APP, settings, console)
