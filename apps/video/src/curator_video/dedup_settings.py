"""Settings of `curator-video dedup`."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from curator_engine.commands.settings import BaseSettings, Flag, Group
from curator_engine.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class DedupSettings(BaseSettings):
    """Settings of `curator-video dedup`; the input is the folder of a run."""

    takes: ClassVar[str] = "RUN"
    """Folder of a finished run."""
    eps: float | Literal["auto"] = "auto"
    """A clip goes at a cosine similarity of at least 1 - eps to one that stays; auto looks for the valley between near-duplicates and the rest."""
    keep: Literal["best", "first"] = "best"
    """Which of similar clips stays: the one with most detail (points without bars, seconds, sharpness), or the first by path and time."""
    embedding: str | None = None
    """Which embeddings to compare, by the beginning of their folder's name, such as fingerprint, clip or ce1; the fingerprint, or the only ones there are, unless given."""
    apply: Flag = False
    """Mark the clips and move their files; without it, only list them."""
    device: Annotated[Literal["auto", "cpu", "gpu"], Group.RUNNING] = "auto"
    """Where to compare."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: Several folders, or an eps out of range.
        """
        super().check()
        if len(self.inputs) > 1:
            raise SettingsError(f"dedup takes one folder of a run; {len(self.inputs)} were given.")
        if self.eps != "auto" and not 0 < self.eps < 1:
            raise SettingsError(f"--eps {self.eps} is not between 0 and 1.")
