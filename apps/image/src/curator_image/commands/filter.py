"""The command `curator-image filter`: choose pictures again by their stored scores."""

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.item_jobs import filter_items
from curator_image.commands.image_app import IMAGE_APP
from curator_image.result_settings import FilterSettings


def run(settings: FilterSettings, console: Console) -> JobResult:
    """See `filter_items`.

    Raises:
        CuratorError: Bad input or options, or a folder that is no finished run.
    """
    return filter_items(IMAGE_APP, settings, console)
