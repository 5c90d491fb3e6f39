"""Settings of the commands that take the folder of a finished run, in the words of recordings."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from curator_engine.commands import item_settings as items
from curator_engine.commands.item_settings import check_copy_limits
from curator_engine.commands.settings import Flag, Group


@dataclass(frozen=True, kw_only=True)
class FilterSettings(items.FilterSettings):
    """Settings of `curator-audio filter`; the input is the folder of a run."""

    example: ClassVar[str] = "snr > 20"
    where: str = ""
    """The condition on a segment to keep, of columns of segments.parquet: "snr > 20 and duration_s >= 2". A comparison with an absent value is false; ask for one with "is None"."""
    apply: Flag = False
    """Change the marks, and write data/ and the lists again; without it, only show what would be."""


@dataclass(frozen=True, kw_only=True)
class DedupSettings(items.RunSettings):
    """Settings of `curator-audio dedup`; the input is the folder of a run."""

    against: list[str] = field(default_factory=list[str])
    """What must not be in the result, such as an evaluation set: recordings, or folders of runs on which dedup was called."""
    keep: Literal["longest", "first", "best"] = "longest"
    """Which of copies stays: the longest, the first, or that with the least noise."""
    near: Literal["drop", "off"] = "drop"
    """Whether near-duplicates go: cut, coded, softer, in noise, faster by up to 5 %; else only the same bytes or samples."""
    threshold: Annotated[float, Group.LIMITS] = 0.92
    """Similarity from which two segments are near-duplicates: the correlation of their loudness in mel bands every 10 ms where they overlap."""
    min_overlap: Annotated[float, Group.LIMITS] = 0.5
    """Share of the shorter segment that the two must have in common, at least."""
    apply: Flag = False
    """Change the marks, and write data/ and the lists again; without it, only list what would go."""
    workers: Annotated[int | None, Group.RUNNING] = None
    """Processes that make fingerprints; those of earlier calls are used again."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: Several folders, or a number out of range.
        """
        super().check()
        check_copy_limits(threshold=self.threshold, min_overlap=self.min_overlap)
        self.check_least(1, "workers")


@dataclass(frozen=True, kw_only=True)
class SearchSettings(items.QuerySettings):
    """Settings of `curator-audio search`; the inputs are the folder of a run and what to look for."""

    takes: ClassVar[str] = "RUN QUERY"
    """Folder of a finished run, and what to look for: a recording's file or a segment's id, by its sound, or words in quotes, in texts and transcripts."""
    threshold: Annotated[float, Group.LIMITS] = 0.8
    """Similarity of sounds, at least; copies have 0.94 and more."""
    min_overlap: Annotated[float, Group.LIMITS] = 0.5
    """Share of the shorter of two sounds that they must have in common, at least."""
    workers: Annotated[int | None, Group.RUNNING] = None
    """Processes that make fingerprints, for the first search; those of earlier calls are used again."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: Not a folder and a query, or a number out of range.
        """
        super().check()
        check_copy_limits(threshold=self.threshold, min_overlap=self.min_overlap)
        self.check_least(1, "workers")


@dataclass(frozen=True, kw_only=True)
class ShardSettings(items.ShardSettings):
    """Settings of `curator-audio shard`; the inputs are the folder of a run and that of the shards."""

    bins: str = ""
    """What tars are sorted by: duration, so that a batch is of like lengths; empty for one sort."""
