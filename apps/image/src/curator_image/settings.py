"""Settings of the jobs on pictures: the options of `curator-image`, the keys of its YAML files."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

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
    output_format: Literal["as-input", "webdataset", "parquet", "folder", "none"] = "as-input"
    """How the kept pictures are written: as they came (files, tars, tables), as tars or tables of --per-file, as loose files with a metadata.jsonl, or not at all; tables and loose files have picture, caption and facts, and no other members of tars."""
    per_file: int = 1000
    """Pictures in a tar or table, with --output-format webdataset or parquet."""

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
        for name in ("per_file", "max_side"):
            if (number := getattr(self, name)) is not None and number < 1:
                raise SettingsError(f"--{name.replace('_', '-')} {number} is below 1.")
        if not 1 <= self.quality <= 100:
            raise SettingsError(f"--quality {self.quality} is not between 1 and 100.")
        if self.shard and self.save_index:
            raise SettingsError(
                "--save-index: which pictures stay is known when shards are merged; leave it out with --shard."
            )
        if self.reencode == "off":
            if self.max_side is not None:
                raise SettingsError("--max-side makes pictures smaller that --reencode writes.")
        elif self.output_format in ("as-input", "none"):
            raise SettingsError(
                f"--reencode {self.reencode} needs --output-format folder, webdataset or parquet; "
                "as-input keeps the bytes of the input."
            )


@dataclass(frozen=True, kw_only=True)
class DownloadSettings(CommonSettings):
    """Settings of `curator-image download`; --limit counts addresses."""

    takes: ClassVar[str] = "LISTS..."
    """Lists of addresses: JSON lines, CSV, Parquet, or text with one in each line."""
    url_field: str = ""
    """Field with the address; the first of url, URL, image_url, img_url, link, src, image and path unless given."""
    caption_field: str = ""
    """Field with the caption; caption, text, TEXT or alt unless given."""
    output_format: Literal["webdataset", "folder"] = "webdataset"
    """Tars, or folders of loose files."""
    per_file: int = 1000
    """Addresses of a tar or folder, which is downloaded as a whole: a run that goes on begins with the next one."""
    threads: Annotated[int, Group.RUNNING] = 16
    """Pictures that are fetched at once."""
    per_host: Annotated[float, Group.LIMITS] = 4.0
    """Requests to a host in a second, at most."""
    max_size: Annotated[str, Group.LIMITS, Kind.SIZE] = "32MB"
    """Bytes of a picture, at most."""
    timeout: Annotated[float, Group.LIMITS] = 20.0
    """Seconds to wait for an answer, and each time for more of it."""
    max_seconds: Annotated[float, Group.LIMITS] = 120.0
    """Seconds for a picture, with all redirects."""
    retries: Annotated[int, Group.LIMITS] = 2
    """How often an address is asked again that may answer later."""
    user_agent: str = ""
    """What servers are told who asks; the name of this program unless given. A page or mail address in it lets owners write to you."""
    ignore_opt_out: Flag = False
    """Also fetch what its server marks as not for collecting or training: X-Robots-Tag noai, noimageai, noindex, noimageindex; TDM-Reservation."""
    allow_private: Flag = False
    """Also fetch from private networks and this machine. Without it, a list of others cannot reach what only you can."""
    why_whole: ClassVar[str] = "how often a host is asked is counted in one place"

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: A number is out of range.
        """
        from curator_engine.stages.files import parse_size

        super().check()
        for name in ("per_file", "threads"):
            if getattr(self, name) < 1:
                raise SettingsError(f"--{name.replace('_', '-')} {getattr(self, name)} is below 1.")
        if self.per_file > 10_000:
            raise SettingsError(f"--per-file {self.per_file} is above 10,000.")
        for name in ("per_host", "timeout", "max_seconds"):
            if getattr(self, name) <= 0:
                raise SettingsError(
                    f"--{name.replace('_', '-')} {getattr(self, name)} is not above 0."
                )
        if self.retries < 0:
            raise SettingsError(f"--retries {self.retries} is below 0.")
        if parse_size(self.max_size) < 1:
            raise SettingsError(f"--max-size {self.max_size} leaves no room for a picture.")


@dataclass(frozen=True, kw_only=True)
class ProbeSettings(BaseSettings):
    """Settings of `curator-image probe`."""

    takes: ClassVar[str] = "IMAGE..."
    """Pictures, tars, tables and lists: files, folders, globs or URLs."""
