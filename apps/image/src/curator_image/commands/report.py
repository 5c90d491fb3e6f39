"""The command `curator-image report`: write the page of a run again."""

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.item_jobs import report_items
from curator_engine.commands.item_settings import ReportSettings
from curator_image.commands.image_app import IMAGE_APP


def run(settings: ReportSettings, console: Console) -> JobResult:
    """See `report_items`.

    Raises:
        CuratorError: Bad input or options, or a folder that is no finished run.
    """
    return report_items(IMAGE_APP, settings, console)
