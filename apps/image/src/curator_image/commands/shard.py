"""The command `curator-image shard`: a run's kept pictures as tars for training."""

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.item_shards import shard_items
from curator_image.commands.image_app import IMAGE_APP
from curator_image.result_settings import ShardSettings


def run(settings: ShardSettings, console: Console) -> JobResult:
    """See `shard_items`.

    Raises:
        CuratorError: Bad input or options, or a folder that is no finished run.
    """
    return shard_items(IMAGE_APP, settings, console)
