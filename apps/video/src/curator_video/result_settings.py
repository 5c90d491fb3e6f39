"""Settings of the commands that take the folder of a finished run, in the words of clips."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from curator_engine.commands import item_settings as items


@dataclass(frozen=True, kw_only=True)
class FilterSettings(items.FilterSettings):
    """Settings of `curator-video filter`; the input is the folder of a run."""

    where: str = ""
    """The condition on a clip to keep, of columns of clips.parquet: "motion_global_mean > 0.001 and sharpness > 0.2". A comparison with an absent value is false; ask for one with "is None"."""


@dataclass(frozen=True, kw_only=True)
class DedupSettings(items.DedupSettings):
    """Settings of `curator-video dedup`; the input is the folder of a run."""

    keep: Literal["best", "first"] = "best"
    """Which of similar clips stays: the one with most detail (points without bars, seconds, sharpness), or the first by path and time."""


@dataclass(frozen=True, kw_only=True)
class SearchSettings(items.SearchSettings):
    """Settings of `curator-video search`; the inputs are the folder of a run and what to look for."""

    takes: ClassVar[str] = "RUN QUERY"
    """Folder of a finished run, and a clip's file or a text in quotes."""


@dataclass(frozen=True, kw_only=True)
class ShardSettings(items.ShardSettings):
    """Settings of `curator-video shard`; the inputs are the folder of a run and that of the shards."""

    bins: str = "res,aspect,frames"
    """What tars are sorted by: any of res, aspect and frames, with commas; empty for one sort."""
