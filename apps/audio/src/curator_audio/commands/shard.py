"""The command `curator-audio shard`: a run's kept segments as tars for training."""

from curator_audio.commands.audio_app import AUDIO_APP
from curator_audio.result_settings import ShardSettings
from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.item_shards import shard_items


def run(settings: ShardSettings, console: Console) -> JobResult:
    """See `shard_items`.

    Raises:
        CuratorError: Bad input or options, or a folder that is no finished run.
    """
    return shard_items(AUDIO_APP, settings, console)
