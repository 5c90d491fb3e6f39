"""Settings of the text jobs that documents come from: pages that become documents, files that are downloaded."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from curator_engine.commands.settings import CommonSettings, Group, Kind
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
