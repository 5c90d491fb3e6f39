"""Settings of the jobs on pictures: the options of `curator-image`, the keys of its YAML files."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from curator_engine.commands.download_settings import DownloadOptions
from curator_engine.commands.settings import BaseSettings, CommonSettings, Flag, Group, Kind
from curator_engine.errors import SettingsError
from curator_image.copy_options import CopyOptions
from curator_image.score_table import ScoreOptions


@dataclass(frozen=True, kw_only=True)
class CurateSettings(CopyOptions, ScoreOptions, CommonSettings):
    """Settings of `curator-image curate`; --limit counts input files."""

    takes: ClassVar[str] = "IMAGES..."
    """Pictures, tars, tables with pictures, lists: files, folders, globs or URLs."""
    against: list[str] = field(default_factory=list[str])
    """Pictures that must not be in the result, such as those of an evaluation or of earlier runs: files, folders, folders of runs, or indexes."""
    save_index: Annotated[str | None, Group.FILES, Kind.FOLDER] = None
    """Index to which the pictures that stay are added, for --against; made if it is not there."""
    output_format: Literal[
        "as-input", "webdataset", "image-writer", "parquet", "folder", "none"
    ] = "as-input"
    """How the kept pictures are written: as they came (files, tars, tables), as tars or tables of --per-file, as such tars with a table beside each (NeMo Curator's ImageWriterStage), as loose files with a metadata.jsonl, or not at all; tables and loose files have picture, caption and facts, and no other members of tars."""
    per_file: int = 1000
    """Pictures in a tar or table, with --output-format webdataset, image-writer or parquet."""

    reencode: Literal["off", "jpeg", "webp", "png"] = "off"
    """Write the kept pictures anew: upright, in sRGB, over white where they are transparent, without EXIF; off keeps their bytes. Not with --output-format as-input."""
    quality: int = 90
    """Of --reencode jpeg and webp, from 1 to 100."""
    why_whole: ClassVar[str] = ""
    max_side: int | None = None
    """Pixels of the longer side of what --reencode writes, at most."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: A number is out of range, or pictures cannot be written so.
        """
        super().check()
        self.check_limits()
        self.check_copies()
        self.check_least(1, "per_file", "max_side")
        if not 1 <= self.quality <= 100:
            raise SettingsError(f"--quality {self.quality} is not between 1 and 100.")
        if self.eps != "off" and not self.embed:
            raise SettingsError(
                f"--eps {self.eps} needs CLIP's vectors; add --embed clip, or the model."
            )
        if self.shard and self.save_index:
            raise SettingsError(
                "--save-index: which pictures stay is known when shards are merged; leave it out with --shard."
            )
        if self.reencode == "off":
            if self.max_side is not None:
                raise SettingsError("--max-side makes pictures smaller that --reencode writes.")
        elif self.output_format in ("as-input", "none"):
            raise SettingsError(
                f"--reencode {self.reencode} needs --output-format folder, webdataset, image-writer or parquet; "
                "as-input keeps the bytes of the input."
            )


@dataclass(frozen=True, kw_only=True)
class DownloadSettings(DownloadOptions):
    """Settings of `curator-image download`; --limit counts addresses."""

    takes: ClassVar[str] = "LISTS..."
    """Lists of addresses: JSON lines, CSV, Parquet, or text with one in each line."""
    url_field: str = ""
    """Field with the address; the first of url, URL, image_url, img_url, link, src, image and path unless given."""
    caption_field: str = ""
    """Field with the caption; caption, text, TEXT or alt unless given."""
    output_format: Literal["webdataset", "folder"] = "webdataset"
    """Tars, or folders of loose files."""


@dataclass(frozen=True, kw_only=True)
class ProbeSettings(BaseSettings):
    """Settings of `curator-image probe`."""

    takes: ClassVar[str] = "IMAGE..."
    """Pictures, tars, tables and lists: files, folders, globs or URLs."""


@dataclass(frozen=True, kw_only=True)
class ForgetSettings(BaseSettings):
    """Settings of `curator-image forget`; the last word is the folder of an index."""

    takes: ClassVar[str] = "PICTURES... INDEX"
    """Pictures' files, their ids of images.parquet or SHA-256, or texts with an id in each line; and then the index that --save-index made."""
    dry_run: Annotated[Flag, Group.RUNNING] = False
    """Count what would be forgotten, and do nothing."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: No picture.
        """
        super().check()
        if len(self.inputs) == 1:
            raise SettingsError("no picture; for example: curator-image forget photo.jpg seen")
