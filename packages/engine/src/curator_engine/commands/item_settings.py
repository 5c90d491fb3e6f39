"""Settings of the commands on a finished run of an app of items: filter, dedup, search, shard, report.

An app's own settings extend these where its words or choices differ.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from curator_engine.commands.settings import BaseSettings, Flag, Group, Kind, Short
from curator_engine.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class RunSettings(BaseSettings):
    """Settings of a command whose input is the folder of one run."""

    takes: ClassVar[str] = "RUN"
    """Folder of a finished run."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: Several folders.
        """
        super().check()
        if len(self.inputs) > 1:
            raise SettingsError(
                f"this command takes one folder of a run; {len(self.inputs)} were given."
            )


@dataclass(frozen=True, kw_only=True)
class FilterSettings(RunSettings):
    """Settings of `filter`."""

    example: ClassVar[str] = "sharpness > 20"
    """A condition that the app's items have."""
    where: str = ""
    """The condition on what to keep, of columns of the run's table: "sharpness > 20 and brightness > 0.2". A comparison with an absent value is false; ask for one with "is None"."""
    apply: Flag = False
    """Change the marks and move files; without it, only show what would be."""
    restore: Flag = False
    """Decide again on what was dropped before, by scores or by filter, and bring back that for which the condition holds."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: Several folders, or no condition.
        """
        super().check()
        if self.inputs and not self.where.strip():
            raise SettingsError(f'no condition; give one such as --where "{self.example}".')


@dataclass(frozen=True, kw_only=True)
class DedupSettings(RunSettings):
    """Settings of `dedup`."""

    eps: float | Literal["auto"] = "auto"
    """What has a cosine similarity of at least 1 - eps to something that stays goes; auto looks for the valley between near-duplicates and the rest."""
    keep: Literal["best", "first"] = "best"
    """Which of similar ones stays: the best by the app's own measure, or the first of the table."""
    embedding: str | None = None
    """Which embeddings to compare, by the beginning of their folder's name; the fingerprint, or the only ones there are, unless given."""
    apply: Flag = False
    """Change the marks and move files; without it, only list what would go."""
    device: Annotated[Literal["auto", "cpu", "gpu"], Group.RUNNING] = "auto"
    """Where to compare."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: Several folders, or an eps out of range.
        """
        super().check()
        if self.eps != "auto" and not 0 < self.eps < 1:
            raise SettingsError(f"--eps {self.eps} is not between 0 and 1.")


@dataclass(frozen=True, kw_only=True)
class QuerySettings(BaseSettings):
    """Settings of a command that looks for something in a run."""

    takes: ClassVar[str] = "RUN QUERY"
    """Folder of a finished run, and a file, an id or a text in quotes."""
    top: Annotated[int, Short("k")] = 10
    """How many to show."""

    @property
    def words(self) -> int:
        """How many words say where and what to look for."""
        return 2

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: Not a folder and a query, or a number out of range.
        """
        super().check()
        if self.inputs and len(self.inputs) != self.words:
            raise SettingsError(
                "search takes the folder of a run and what to look for, a text in quotes; "
                f"{len(self.inputs)} given."
            )
        self.check_least(1, "top")


@dataclass(frozen=True, kw_only=True)
class SearchSettings(QuerySettings):
    """Settings of `search`; the inputs are the folder of a run and what to look for."""

    takes: ClassVar[str] = "RUN QUERY"
    """Folder of a finished run, and a file, an id or a text in quotes."""
    model: Annotated[str | None, Group.MODELS] = None
    """Folder or hub id of the model, if it is no longer where it was when the embeddings were made."""
    device: Annotated[Literal["auto", "cpu", "gpu"], Group.RUNNING] = "auto"
    """Where the model runs."""


@dataclass(frozen=True, kw_only=True)
class ShardSettings(BaseSettings):
    """Settings of `shard`; the inputs are the folder of a run and that of the shards."""

    takes: ClassVar[str] = "RUN SHARDS"
    """Folder of a finished run, and the folder to write the tars to."""
    bins: str = ""
    """What tars are sorted by: any of res, aspect and frames, with commas; empty for one sort."""
    max_size: Annotated[str, Group.LIMITS, Kind.SIZE] = "500MB"
    """Files in one tar at most."""
    resume: Annotated[Flag, Group.RUNNING] = False
    """Go on with a call that was stopped."""
    overwrite: Annotated[Flag, Group.RUNNING] = False
    """Remove earlier shards first."""
    dry_run: Annotated[Flag, Group.RUNNING] = False
    """Print what would be written, and write nothing."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: Not two folders, an unknown bin, or no size.
        """
        from curator_engine.items.shards import parse_bins
        from curator_engine.stages.files import parse_size

        super().check()
        if self.inputs and len(self.inputs) != 2:
            raise SettingsError(
                "shard takes the folder of a run and the folder for the shards; "
                f"{len(self.inputs)} given."
            )
        if self.resume and self.overwrite:
            raise SettingsError("--resume and --overwrite exclude each other; choose one.")
        parse_bins(self.bins)
        if parse_size(self.max_size) < 1:
            raise SettingsError(f"--max-size {self.max_size} leaves no room for a file.")


@dataclass(frozen=True, kw_only=True)
class ReportSettings(RunSettings):
    """Settings of `report`."""


def check_copy_limits(*, threshold: float, min_overlap: float) -> None:
    """Look at what counts as a copy.

    Raises:
        SettingsError: A number is out of range.
    """
    for option, value, low in (
        ("threshold", threshold, 0.5),
        ("min-overlap", min_overlap, 0.0),
    ):
        if not low < value <= 1:
            raise SettingsError(f"--{option} {value} is not above {low} and at most 1.")
