"""Settings of the text jobs that documents come from: pages that become documents, files that are downloaded."""

import re
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from curator_engine.commands.settings import CommonSettings, Flag, Group, Kind, Must
from curator_engine.errors import SettingsError
from curator_engine.stages.files import parse_size


@dataclass(frozen=True, kw_only=True)
class ExtractSettings(CommonSettings):
    """Settings of `curator-text extract`; --limit counts pages."""

    takes: ClassVar[str] = "IN..."
    """WARC and WET files, pages (.html, .pdf, .tex), tars of them or of papers, dumps of Wikipedia; with --html-field, JSON lines or Parquet."""
    why_whole = ""
    extractor: Literal["trafilatura", "resiliparse", "justext"] = "trafilatura"
    """What finds the text of HTML pages: trafilatura keeps the least of what stands around it, resiliparse is many times faster and keeps more of everything, justext keeps long sentences only."""
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
        if self.min_chars < 1:
            raise SettingsError(f"--min-chars {self.min_chars} is below 1.")
        if self.page_timeout <= 0:
            raise SettingsError(f"--page-timeout {self.page_timeout} is not above 0.")
        if parse_size(self.page_memory) < _LEAST_MEMORY:
            raise SettingsError(f"--page-memory {self.page_memory} is below 512MB.")


_LEAST_MEMORY = 512_000_000
"""What the extractors need for themselves."""


SOURCES = ("urls", "cc", "news", "wikipedia", "arxiv")


@dataclass(frozen=True, kw_only=True)
class DownloadSettings(CommonSettings):
    """Settings of `curator-text download`; --limit counts addresses."""

    takes: ClassVar[str] = "SOURCE..."
    """cc, news, wikipedia or arxiv; or urls and lists of addresses: text with one in each line, JSON lines, CSV, Parquet."""
    why_whole = "how often a host is asked is counted in one place"
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
    per_file: int = 1000
    """Pages of a WARC file, which are downloaded as a whole: a run that goes on begins with the next one."""
    threads: Annotated[int, Group.RUNNING] = 16
    """Addresses that are fetched at once."""
    per_host: Annotated[float, Group.LIMITS] = 4.0
    """Requests to a host in a second, at most; less where its robots.txt asks for it."""
    max_size: Annotated[str, Group.LIMITS, Kind.SIZE] = "32MB"
    """Bytes of a page, at most."""
    max_file_size: Annotated[str, Group.LIMITS, Kind.SIZE] = "100GB"
    """Bytes of a file such as an archive, at most."""
    timeout: Annotated[float, Group.LIMITS] = 20.0
    """Seconds to wait for an answer, and each time for more of it."""
    max_seconds: Annotated[float, Group.LIMITS] = 120.0
    """Seconds for a page, with all redirects."""
    max_file_seconds: Annotated[float, Group.LIMITS] = 21_600.0
    """Seconds for a file; one that takes longer is gone on with by --resume."""
    retries: Annotated[int, Group.LIMITS] = 2
    """How often an address is asked again that may answer later."""
    user_agent: str = ""
    """What servers are told who asks; the name of this program unless given. A page or mail address in it lets owners write to you."""
    ignore_opt_out: Flag = False
    """Also fetch what its server marks as not for collecting or training: X-Robots-Tag noai, noindex; TDM-Reservation."""
    ignore_robots: Flag = False
    """Do not look at robots.txt, which is looked at for lists of addresses."""
    allow_private: Flag = False
    """Also fetch from private networks and this machine. Without it, a list of others cannot reach what only you can."""

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
        for name in ("per_file", "threads"):
            if getattr(self, name) < 1:
                raise SettingsError(f"--{name.replace('_', '-')} {getattr(self, name)} is below 1.")
        if self.per_file > _MOST_PER_FILE:
            raise SettingsError(f"--per-file {self.per_file} is above {_MOST_PER_FILE:,}.")
        for name in ("per_host", "timeout", "max_seconds", "max_file_seconds"):
            if getattr(self, name) <= 0:
                raise SettingsError(
                    f"--{name.replace('_', '-')} {getattr(self, name)} is not above 0."
                )
        if self.retries < 0:
            raise SettingsError(f"--retries {self.retries} is below 0.")
        for name in ("max_size", "max_file_size"):
            if parse_size(getattr(self, name)) < 1:
                raise SettingsError(f"--{name.replace('_', '-')} leaves no room for anything.")

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


_MOST_PER_FILE = 10_000
