"""Settings of the text jobs that documents come from: pages that become documents, files that are downloaded."""

import re
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from curator_engine.commands.download_settings import DownloadOptions
from curator_engine.commands.settings import CommonSettings, Flag, Group, Kind, Must
from curator_engine.errors import SettingsError
from curator_engine.stages.files import parse_size


@dataclass(frozen=True, kw_only=True)
class ExtractSettings(CommonSettings):
    """Settings of `curator-text extract`; --limit counts pages."""

    takes: ClassVar[str] = "IN..."
    """WARC and WET files, pages (.html, .pdf, .tex), tars of them or of papers, dumps of Wikipedia; with --html-field, JSON lines or Parquet."""
    why_whole = ""
    extractor: Literal["trafilatura", "resiliparse", "justext", "math"] = "trafilatura"
    """What finds the text of HTML pages: trafilatura keeps the least of what stands around it, resiliparse is many times faster and keeps more of everything, justext keeps long sentences only, math is resiliparse with formulas in LaTeX and code as it is."""
    html_field: Annotated[str | None, Group.FILES] = None
    """Field with a page, as text or bytes: input is rows then, whose other fields stay."""
    url_field: Annotated[str | None, Group.FILES] = None
    """Field with the page's address, with --html-field; the first of url, URL, uri, source_url and link unless given."""
    id_field: Annotated[str | None, Group.FILES] = None
    """Field with the page's id, with --html-field; file and row unless given."""
    links: bool = True
    """Write the addresses that a page leads to."""
    min_chars: Annotated[int, Group.LIMITS] = 1
    """Characters of a document, at least; shorter ones are removed."""
    min_formulas: Annotated[int, Group.LIMITS] = 0
    """Formulas between signs of LaTeX in a document, at least; pages with fewer are removed. The way to choose pages about mathematics."""
    page_timeout: Annotated[float, Group.LIMITS] = 30.0
    """Seconds for a page; one that takes longer goes to quarantine."""
    page_memory: Annotated[str, Group.LIMITS, Kind.SIZE] = "4GB"
    """Memory that the extractor may use; a page that needs more goes to quarantine."""
    output_format: Annotated[Literal["jsonl", "parquet"], Group.FILES] = "jsonl"
    """Format of data/."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if self.html_field is None and (self.url_field or self.id_field):
            raise SettingsError(
                "--url-field and --id-field are of rows; give --html-field as well."
            )
        if self.html_field == "":
            raise SettingsError("--html-field is empty; name the field with the page.")
        self.check_least(1, "min_chars")
        self.check_least(0, "min_formulas")
        if self.page_timeout <= 0:
            raise SettingsError(f"--page-timeout {self.page_timeout} is not above 0.")
        if parse_size(self.page_memory) < _LEAST_MEMORY:
            raise SettingsError(f"--page-memory {self.page_memory} is below 512MB.")


_LEAST_MEMORY = 512_000_000
"""What the extractors need for themselves."""


SOURCES = ("urls", "cc", "news", "wikipedia", "arxiv")


@dataclass(frozen=True, kw_only=True)
class DownloadSettings(DownloadOptions):
    """Settings of `curator-text download`; --limit counts addresses."""

    takes: ClassVar[str] = "SOURCE..."
    """cc, news, wikipedia or arxiv; or urls and lists of addresses: text with one in each line, JSON lines, CSV, Parquet."""
    snapshot: list[str] = field(default_factory=list[str])
    """Of cc: crawls, as CC-MAIN-2024-10; may be given several times."""
    crawl_files: Literal["warc", "wet"] = "warc"
    """Of cc: pages (warc), or their texts as Common Crawl extracts them (wet)."""
    index: Annotated[str | None, Group.FILES, Kind.FILE, Must.EXIST] = None
    """Of cc: a table of its index, with columns filename, offset and length (or warc_filename, warc_record_offset, warc_record_length): single records are fetched, not whole files."""
    month: list[str] = field(default_factory=list[str])
    """Of news: months, as 2024-05; may be given several times."""
    language: str = "en"
    """Of wikipedia: the language, as in the address of its site."""
    dump_date: str = "latest"
    """Of wikipedia: the date of the dump, as 20240501; the newest complete one unless given."""
    base_url: str = ""
    """Where cc, news, wikipedia or arxiv are: a mirror, or a bucket as s3://arxiv. Their own places unless given."""
    url_field: Annotated[str, Group.FILES] = ""
    """Of lists: the field with the address; the first of url, URL, link and uri unless given. Fields sha256, sha1 and md5 are checked."""
    max_file_size: Annotated[str, Group.LIMITS, Kind.SIZE] = "100GB"
    """Bytes of a file such as an archive, at most."""
    max_file_seconds: Annotated[float, Group.LIMITS] = 21_600.0
    """Seconds for a file; one that takes longer is gone on with by --resume."""
    ignore_robots: Flag = False
    """Do not look at robots.txt, which is looked at for lists of addresses, and may ask for more time between requests."""

    @property
    def source(self) -> str:
        """What is downloaded: urls unless the first input names another source."""
        return self.inputs[0] if self.inputs and self.inputs[0] in SOURCES else "urls"

    @property
    def lists(self) -> list[str]:
        """The lists of addresses."""
        return [each for each in self.inputs if each not in SOURCES]

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        self._check_source()
        if self.max_file_seconds <= 0:
            raise SettingsError(f"--max-file-seconds {self.max_file_seconds} is not above 0.")
        if parse_size(self.max_file_size) < 1:
            raise SettingsError(
                f"--max-file-size {self.max_file_size} leaves no room for anything."
            )

    def _check_source(self) -> None:
        source = self.source
        if self.inputs and source == "urls" and not self.lists:
            raise SettingsError("no list of addresses; write download urls LIST -o OUT.")
        if source != "urls" and self.lists:
            raise SettingsError(f"{source} takes no {self.lists[0]}; leave it out, or use urls.")
        if source == "cc" and bool(self.snapshot) == bool(self.index):
            raise SettingsError("cc needs --snapshot, as CC-MAIN-2024-10, or --index.")
        if source == "news" and not self.month:
            raise SettingsError("news needs --month, as 2024-05.")
        if self.dump_date != "latest" and not re.fullmatch(r"\d{8}", self.dump_date):
            raise SettingsError(f"--dump-date {self.dump_date} is no date; write it as 20240501.")
        if self.base_url and not re.match(r"(https?|s3)://.", self.base_url):
            raise SettingsError(f"--base-url {self.base_url} is no address of http, https or s3.")
