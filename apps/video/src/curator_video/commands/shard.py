"""The command `curator-video shard`: a run's kept clips as tars for training."""

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.item_shards import shard_items
from curator_video.commands.clip_app import CLIP_APP
from curator_video.result_settings import ShardSettings


def run(settings: ShardSettings, console: Console) -> JobResult:
    """See `shard_items`.

    Raises:
        CuratorError: Bad input or options, or a folder that is no finished run.
    """
    return shard_items(CLIP_APP, settings, console)
