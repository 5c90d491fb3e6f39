"""Settings of the jobs on pictures: the options of `curator-image`, the keys of its YAML files."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from curator_engine.commands.settings import BaseSettings, CommonSettings, Group
from curator_engine.errors import SettingsError
from curator_image.score_table import ScoreOptions


@dataclass(frozen=True, kw_only=True)
class CurateSettings(ScoreOptions, CommonSettings):
    """Settings of `curator-image curate`; --limit counts input files."""

    takes: ClassVar[str] = "IMAGES..."
    """Pictures, tars, tables with pictures, lists: files, folders, globs or URLs."""
    keep: Literal["largest", "first", "best"] = "largest"
    """Which of copies stays: the one with most pixels, the first, or the sharpest."""
    near: Literal["drop", "off"] = "drop"
    """Whether near-duplicates go: cut, resized, brighter, mirrored, turned or written on."""
    threshold: Annotated[float, Group.LIMITS] = 0.9
    """Similarity from which two pictures are near-duplicates: how alike their common part is, times its share of the smaller one."""
    min_overlap: Annotated[float, Group.LIMITS] = 0.5
    """Share of the smaller picture that the common part must be, at least."""
    against: list[str] = field(default_factory=list[str])
    """Pictures that must not be in the result, such as those of an evaluation: files or folders."""
    output_format: Literal["as-input", "webdataset", "parquet", "none"] = "as-input"
    """How the kept pictures are written: as they came (files, tars, tables), as tars or tables of --per-file, or not at all."""
    per_file: int = 1000
    """Pictures in a tar or table, with --output-format webdataset or parquet."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: A number is out of range.
        """
        super().check()
        self.check_limits()
        for name, low in (("threshold", 0.5), ("min_overlap", 0.0)):
            if not low < getattr(self, name) <= 1:
                option = name.replace("_", "-")
                raise SettingsError(f"--{option} {getattr(self, name)} is not between {low} and 1.")
        if self.per_file < 1:
            raise SettingsError(f"--per-file {self.per_file} is below 1.")


@dataclass(frozen=True, kw_only=True)
class ProbeSettings(BaseSettings):
    """Settings of `curator-image probe`."""

    takes: ClassVar[str] = "IMAGE..."
    """Pictures, tars, tables and lists: files, folders, globs or URLs."""
