"""Settings of the commands that take the folder of a finished run, in the words of pictures."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from curator_engine.commands import item_settings as items
from curator_engine.commands.settings import Flag, Group
from curator_engine.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class FilterSettings(items.FilterSettings):
    """Settings of `curator-image filter`; the input is the folder of a run."""

    where: str = ""
    """The condition on a picture to keep, of columns of images.parquet: "sharpness > 20 and width >= 512". A comparison with an absent value is false; ask for one with "is None"."""
    apply: Flag = False
    """Change the marks and write data/ again; without it, only show what would be."""


@dataclass(frozen=True, kw_only=True)
class DedupSettings(items.RunSettings):
    """Settings of `curator-image dedup`; the input is the folder of a run."""

    keep: Literal["largest", "first", "best"] = "largest"
    """Which of copies stays: the one with most pixels, the first, or the sharpest."""
    near: Literal["drop", "off"] = "drop"
    """Whether near-duplicates go, or copies of the same bytes or pixels only."""
    threshold: Annotated[float, Group.LIMITS] = 0.9
    """Similarity from which two pictures are near-duplicates."""
    min_overlap: Annotated[float, Group.LIMITS] = 0.5
    """Share of the smaller picture that the common part must be, at least."""
    apply: Flag = False
    """Change the marks and write data/ again; without it, only list what would go."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: Several folders, or a number out of range.
        """
        super().check()
        for name, low in (("threshold", 0.5), ("min_overlap", 0.0)):
            if not low < getattr(self, name) <= 1:
                option = name.replace("_", "-")
                raise SettingsError(f"--{option} {getattr(self, name)} is not between {low} and 1.")


@dataclass(frozen=True, kw_only=True)
class SearchSettings(items.SearchSettings):
    """Settings of `curator-image search`; the inputs are the folder of a run and what to look for."""

    takes: ClassVar[str] = "RUN QUERY"
    """Folder of a finished run, and a picture's file or id, or a text in quotes."""
