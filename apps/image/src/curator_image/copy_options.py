"""How copies of pictures are looked for: the options that `curate` and `dedup` share."""

from dataclasses import dataclass
from typing import Annotated, Literal

from curator_engine.commands.item_settings import check_copy_limits
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
    eps: float | Literal["auto", "off"] = "off"
    """What means the same as a picture that stays goes too: by the vectors of --embed, with a cosine similarity of at least 1 - eps; auto looks for the valley between near-duplicates and the rest."""
    threshold: Annotated[float, Group.LIMITS] = 0.9
    """Similarity from which two pictures are near-duplicates: how alike their common part is, times its share of the smaller one."""
    min_overlap: Annotated[float, Group.LIMITS] = 0.5
    """Share of the smaller picture that the common part must be, at least."""

    def check_copies(self) -> None:
        """Look at the numbers.

        Raises:
            SettingsError: One is out of range.
        """
        check_copy_limits(threshold=self.threshold, min_overlap=self.min_overlap)
        if not isinstance(self.eps, str) and not 0 < self.eps < 1:
            raise SettingsError(f"--eps {self.eps} is not between 0 and 1.")
