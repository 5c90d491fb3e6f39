"""Wikipedia by NeMo Curator's names: lists of dump files, the files, articles, their texts."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from curator_engine.positional import positional
from curator_engine.stage import AnyStage, CompositeStage
from curator_engine.task import EmptyTask
from curator_text.download.fetch import URLGenerator
from curator_text.download.records import (
    DocumentDownloadExtractStage,
    DocumentExtractor,
    DocumentIterator,
    Record,
)
from curator_text.download.source_lists import WIKIPEDIA, dump_files
from curator_text.extract.published_files import PublishedFileDownloader, PublishedList
from curator_text.extract.wiki_dump import wiki_articles
from curator_text.extract.wiki_text import is_redirect, wiki_text
from curator_text.task import DocumentBatch


class WikipediaUrlGenerator(URLGenerator):
    """Lists the files of a dump.

    Args:
        language: As in the address of its site.
        dump_date: As 20240501; the newest complete one unless given.
        wikidumps_index_prefix: Where dumps are.

    Example:
        >>> WikipediaUrlGenerator("simple", dump_date="20240501").generate_urls()
    """

    def __init__(
        self,
        language: str = "en",
        dump_date: str | None = None,
        wikidumps_index_prefix: str = WIKIPEDIA,
    ) -> None:
        self._language, self._dump_date = language, dump_date
        self._base = wikidumps_index_prefix.rstrip("/")

    def generate_urls(self) -> list[str]:
        """The URLs, in order.

        Raises:
            InputError: There is no such dump.
        """
        found = dump_files(
            PublishedList(is_named=self._base != WIKIPEDIA),
            base=self._base,
            language=self._language,
            date=self._dump_date or "latest",
        )
        return [each.url for each in found]


class WikipediaDownloader(PublishedFileDownloader):
    """Fetches the files of dumps.

    Args:
        download_dir: Folder for them.
        verbose: Log each file.

    Example:
        >>> WikipediaDownloader("dumps").download(url)
    """


class WikipediaIterator(DocumentIterator):
    """Reads the articles of a dump.

    Args:
        language: Of the dump; it is in the addresses of articles.
        log_frequency: Accepted, without effect.

    Example:
        >>> next(WikipediaIterator("simple").iterate("simplewiki.xml.bz2"))["title"]
        'April'
    """

    def __init__(self, language: str = "en", log_frequency: int = 1000) -> None:
        del log_frequency
        self._language = language

    def iterate(self, file_path: str) -> Iterator[Record]:
        """The articles; no redirects, and nothing of other name spaces.

        Raises:
            ValueError: The file is no dump.
        """
        for article in wiki_articles(str(file_path)):
            if article.space != "0" or is_redirect(article.markup):
                continue
            yield {
                "title": article.title,
                "id": article.id,
                "url": f"https://{self._language}.wikipedia.org/wiki/{quote(article.title.replace(' ', '_'))}",
                "language": self._language,
                "source_id": PurePosixPath(str(file_path)).name,
                "raw_content": article.markup,
            }

    def output_columns(self) -> list[str]:
        """The names in a record."""
        return ["title", "id", "url", "language", "source_id", "raw_content"]


class WikipediaExtractor(DocumentExtractor):
    """Makes a document of an article.

    Args:
        language: Accepted, without effect: names of media and categories of many languages are known.

    Example:
        >>> WikipediaExtractor().extract({"raw_content": "A '''bold''' word."})["text"]
        'A bold word.'
    """

    def __init__(self, language: str = "en") -> None:
        del language

    def extract(self, record: Record) -> Record | None:
        """The document; None if nothing is left of the article."""
        text = wiki_text(record["raw_content"])
        if not text:
            return None
        kept = {name: value for name, value in record.items() if name != "raw_content"}
        return {"text": text, **kept}

    def input_columns(self) -> list[str]:
        """What a record must have."""
        return ["title", "id", "url", "language", "source_id", "raw_content"]

    def output_columns(self) -> list[str]:
        """What a document has."""
        return ["text", "title", "id", "url", "language", "source_id"]


@positional(
    "language",
    "download_dir",
    "dump_date",
    "wikidumps_index_prefix",
    "verbose",
    "url_limit",
    "record_limit",
    "add_filename_column",
    "log_frequency",
)
@dataclass(kw_only=True)
class WikipediaDownloadExtractStage(CompositeStage[EmptyTask, DocumentBatch]):
    """List the files of a dump, fetch them, and make documents of their articles.

    Example:
        >>> WikipediaDownloadExtractStage("simple", "dumps", dump_date="20240501", url_limit=1)
    """

    language: str = "en"
    """As in the address of its site."""
    download_dir: str = "./wikipedia_downloads"
    """Folder for the files."""
    dump_date: str | None = None
    """As 20240501; the newest complete one unless given."""
    wikidumps_index_prefix: str = WIKIPEDIA
    """Where dumps are."""
    verbose: bool = False
    """Log each file."""
    url_limit: int | None = None
    """Only the first files."""
    record_limit: int | None = None
    """Only the first documents of each file."""
    add_filename_column: bool | str = True
    """Name of the column with the file's name; True for `file_name`."""
    log_frequency: int = 1000
    """Accepted, without effect."""

    def decompose(self) -> list[AnyStage]:
        """List, fetch, read."""
        return DocumentDownloadExtractStage(
            url_generator=WikipediaUrlGenerator(
                self.language, self.dump_date, self.wikidumps_index_prefix
            ),
            downloader=WikipediaDownloader(
                self.download_dir,
                self.verbose,
                allow_private=self.wikidumps_index_prefix != WIKIPEDIA,
            ),
            iterator=WikipediaIterator(self.language),
            extractor=WikipediaExtractor(self.language),
            url_limit=self.url_limit,
            record_limit=self.record_limit,
            add_filename_column=self.add_filename_column,
        ).decompose()
