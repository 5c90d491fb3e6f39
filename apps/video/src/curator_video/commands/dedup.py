"""The command `curator-video dedup`: find near-duplicate clips of a run by their embeddings."""

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.item_jobs import dedup_items
from curator_video.commands.clip_app import CLIP_APP
from curator_video.result_settings import DedupSettings


def run(settings: DedupSettings, console: Console) -> JobResult:
    """See `dedup_items`.

    Raises:
        CuratorError: Bad input or options, or a folder that is no finished run.
    """
    return dedup_items(CLIP_APP, settings, console)
