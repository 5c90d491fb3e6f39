"""Settings of the commands that take the folder of a finished run, in the words of recordings."""

from dataclasses import dataclass

from curator_engine.commands import item_settings as items
from curator_engine.commands.settings import Flag


@dataclass(frozen=True, kw_only=True)
class FilterSettings(items.FilterSettings):
    """Settings of `curator-audio filter`; the input is the folder of a run."""

    where: str = ""
    """The condition on a segment to keep, of columns of segments.parquet: "snr > 20 and duration_s >= 2". A comparison with an absent value is false; ask for one with "is None"."""
    apply: Flag = False
    """Change the marks, and write data/ and the lists again; without it, only show what would be."""


@dataclass(frozen=True, kw_only=True)
class ShardSettings(items.ShardSettings):
    """Settings of `curator-audio shard`; the inputs are the folder of a run and that of the shards."""

    bins: str = ""
    """What tars are sorted by: duration, so that a batch is of like lengths; empty for one sort."""
