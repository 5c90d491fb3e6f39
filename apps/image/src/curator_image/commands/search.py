"""The command `curator-image search`: find the pictures of a run that are nearest to a picture or a text."""

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.item_jobs import search_items
from curator_image.commands.image_app import IMAGE_APP
from curator_image.result_settings import SearchSettings


def run(settings: SearchSettings, console: Console) -> JobResult:
    """See `search_items`.

    Raises:
        CuratorError: Bad input or options, or a folder that is no finished run.
    """
    return search_items(IMAGE_APP, settings, console)
