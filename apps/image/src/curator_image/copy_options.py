"""How copies of pictures are looked for: the options that `curate` and `dedup` share."""

from dataclasses import dataclass
from typing import Annotated, Literal

from curator_engine.commands.settings import Group
from curator_engine.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class CopyOptions:
    """What counts as a copy, and which picture stays.

    Example:
        >>> CopyOptions(threshold=0.8).keep
        'largest'
    """

    keep: Literal["largest", "first", "best"] = "largest"
    """Which of copies stays: the one with most pixels, the first, or the sharpest."""
    near: Literal["drop", "off"] = "drop"
    """Whether near-duplicates go: cut, resized, brighter, mirrored, turned or written on; else only the same bytes or pixels."""
    threshold: Annotated[float, Group.LIMITS] = 0.9
    """Similarity from which two pictures are near-duplicates: how alike their common part is, times its share of the smaller one."""
    min_overlap: Annotated[float, Group.LIMITS] = 0.5
    """Share of the smaller picture that the common part must be, at least."""

    def check_copies(self) -> None:
        """Look at the numbers.

        Raises:
            SettingsError: One is out of range.
        """
        for name, low in (("threshold", 0.5), ("min_overlap", 0.0)):
            if not low < getattr(self, name) <= 1:
                option = name.replace("_", "-")
                raise SettingsError(f"--{option} {getattr(self, name)} is not between {low} and 1.")
