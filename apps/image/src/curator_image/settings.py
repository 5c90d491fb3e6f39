"""Settings of the jobs on pictures: the options of `curator-image`, the keys of its YAML files."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from curator_engine.commands.settings import BaseSettings, CommonSettings
from curator_engine.errors import SettingsError
from curator_image.copy_options import CopyOptions
from curator_image.score_table import ScoreOptions


@dataclass(frozen=True, kw_only=True)
class CurateSettings(CopyOptions, ScoreOptions, CommonSettings):
    """Settings of `curator-image curate`; --limit counts input files."""

    takes: ClassVar[str] = "IMAGES..."
    """Pictures, tars, tables with pictures, lists: files, folders, globs or URLs."""
    against: list[str] = field(default_factory=list[str])
    """Pictures that must not be in the result, such as those of an evaluation: files or folders."""
    output_format: Literal["as-input", "webdataset", "parquet", "none"] = "as-input"
    """How the kept pictures are written: as they came (files, tars, tables), as tars or tables of --per-file, or not at all; a table has picture, caption and facts, and no other members of tars."""
    per_file: int = 1000
    """Pictures in a tar or table, with --output-format webdataset or parquet."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: A number is out of range.
        """
        super().check()
        self.check_limits()
        self.check_copies()
        if self.per_file < 1:
            raise SettingsError(f"--per-file {self.per_file} is below 1.")


@dataclass(frozen=True, kw_only=True)
class ProbeSettings(BaseSettings):
    """Settings of `curator-image probe`."""

    takes: ClassVar[str] = "IMAGE..."
    """Pictures, tars, tables and lists: files, folders, globs or URLs."""
