"""Settings of the commands that take the folder of a finished run, in the words of pictures."""

from dataclasses import dataclass
from typing import ClassVar

from curator_engine.commands import item_settings as items
from curator_engine.commands.settings import Flag
from curator_image.copy_options import CopyOptions


@dataclass(frozen=True, kw_only=True)
class FilterSettings(items.FilterSettings):
    """Settings of `curator-image filter`; the input is the folder of a run."""

    where: str = ""
    """The condition on a picture to keep, of columns of images.parquet: "sharpness > 20 and width >= 512". A comparison with an absent value is false; ask for one with "is None"."""
    apply: Flag = False
    """Change the marks and write data/ again; without it, only show what would be."""


@dataclass(frozen=True, kw_only=True)
class DedupSettings(CopyOptions, items.RunSettings):
    """Settings of `curator-image dedup`; the input is the folder of a run."""

    apply: Flag = False
    """Change the marks and write data/ again; without it, only list what would go."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: Several folders, or a number out of range.
        """
        super().check()
        self.check_copies()


@dataclass(frozen=True, kw_only=True)
class SearchSettings(items.SearchSettings):
    """Settings of `curator-image search`; the inputs are the folder of a run and what to look for."""

    takes: ClassVar[str] = "RUN QUERY"
    """Folder of a finished run, and a picture's file or id, or a text in quotes."""


@dataclass(frozen=True, kw_only=True)
class ShardSettings(items.ShardSettings):
    """Settings of `curator-image shard`; the inputs are the folder of a run and that of the shards."""

    bins: str = "res,aspect"
    """What tars are sorted by: res, aspect, or both with a comma; empty for one sort."""
