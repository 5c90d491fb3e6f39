"""Extraction in a process that is watched: a page that kills it or takes too long costs that page only."""

from dataclasses import asdict, dataclass, field

from curator_text.extract.page_process import FAILED
from curator_text.extract.page_texts import Extracted, Page, Wanted
from curator_text.read.watched_process import NoAnswerError, WatchedProcess


@dataclass(kw_only=True)
class WatchedExtractor:
    """Extracts pages in a process of its own, which is begun again when a page ends it.

    Example:
        >>> with WatchedExtractor(wanted=Wanted(extractor="resiliparse")) as extractor:
        ...     extractor.extract(Page(kind="html", data=b"<p>A text.</p>")).text
        'A text.'
    """

    wanted: Wanted = field(default_factory=Wanted)
    timeout_s: float = 30.0
    """Seconds for a page."""
    memory_bytes: int = 4 << 30
    """Addresses that the process may use."""
    process: WatchedProcess = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.process = WatchedProcess(
            module="curator_text.extract.page_process",
            given=asdict(self.wanted),
            reader="the extractor",
            timeout_s=self.timeout_s,
            memory_bytes=self.memory_bytes,
        )

    def __enter__(self) -> "WatchedExtractor":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def extract(self, page: Page) -> Extracted:
        """What became of a page.

        Raises:
            StageError: No process can be begun.
        """
        facts = {
            "kind": page.kind,
            "url": page.url,
            "title": page.title,
            "content_type": page.content_type,
        }
        try:
            found, _ = self.process.ask(facts, page.data)
        except NoAnswerError as error:
            return Extracted(reason=str(error), kind=FAILED)
        links: list[str] = found.pop("links")
        return Extracted(**found, links=tuple(links))

    def close(self) -> None:
        """End the process."""
        self.process.close()
