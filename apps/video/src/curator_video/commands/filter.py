"""The command `curator-video filter`: choose clips again by their stored scores, decoding nothing."""

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.item_jobs import filter_items
from curator_video.commands.clip_app import CLIP_APP
from curator_video.result_settings import FilterSettings


def run(settings: FilterSettings, console: Console) -> JobResult:
    """See `filter_items`.

    Raises:
        CuratorError: Bad input or options, or a folder that is no finished run.
    """
    return filter_items(CLIP_APP, settings, console)
