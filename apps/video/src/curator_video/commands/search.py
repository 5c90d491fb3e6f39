"""The command `curator-video search`: the clips of a run that are nearest to a clip or a text."""

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.item_jobs import search_items
from curator_video.commands.clip_app import CLIP_APP
from curator_video.result_settings import SearchSettings


def run(settings: SearchSettings, console: Console) -> JobResult:
    """See `search_items`.

    Raises:
        CuratorError: Bad input or options, or a folder that is no finished run.
    """
    return search_items(CLIP_APP, settings, console)
