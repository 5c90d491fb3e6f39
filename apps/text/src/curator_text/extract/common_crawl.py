"""Common Crawl by NeMo Curator's names: lists of files, WARC files, documents of pages."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from curator_engine.errors import InputError, SettingsError
from curator_engine.positional import positional
from curator_engine.stage import AnyStage, CompositeStage
from curator_engine.task import EmptyTask
from curator_text.download.fetch import URLGenerator
from curator_text.download.records import (
    DocumentDownloadExtractStage,
    DocumentExtractor,
    Record,
)
from curator_text.download.source_lists import COMMON_CRAWL, crawl_files, news_files
from curator_text.download.warc import CommonCrawlWarcIterator
from curator_text.extract.encodings import decode
from curator_text.extract.html_extractors import (
    HTMLExtractorAlgorithm,
    JusTextExtractor,
    ResiliparseExtractor,
    TrafilaturaExtractor,
)
from curator_text.extract.published_files import PublishedFileDownloader, PublishedList
from curator_text.extract.stop_words import get_stop_list_dict
from curator_text.task import DocumentBatch

_INDEX = "https://index.commoncrawl.org"
_BUCKET = "s3://commoncrawl"
_ALGORITHMS: dict[str, type[HTMLExtractorAlgorithm]] = {
    "justext": JusTextExtractor,
    "resiliparse": ResiliparseExtractor,
    "trafilatura": TrafilaturaExtractor,
}


class BaseCommonCrawlUrlGenerator(URLGenerator, ABC):
    """Lists the WARC files of crawls between two, both included.

    Args:
        start_snapshot_str: The first one.
        end_snapshot_str: The last one.
        data_prefix: Where files are.
        limit: Only the first files.
    """

    def __init__(
        self,
        start_snapshot_str: str,
        end_snapshot_str: str,
        data_prefix: str = COMMON_CRAWL,
        limit: int | None = None,
    ) -> None:
        if start_snapshot_str > end_snapshot_str:
            raise SettingsError(
                f"the first snapshot {start_snapshot_str} comes after the last one {end_snapshot_str}."
            )
        self.start_snapshot_str, self.end_snapshot_str = start_snapshot_str, end_snapshot_str
        self.data_prefix, self.limit = data_prefix.rstrip("/"), limit
        self._get = PublishedList(is_named=data_prefix != COMMON_CRAWL)

    @abstractmethod
    def generate_urls(self) -> list[str]:
        """The URLs, in order."""


class MainCommonCrawlUrlGenerator(BaseCommonCrawlUrlGenerator):
    """Lists WARC files of main crawls, such as 2024-10 to 2024-18.

    Args:
        start_snapshot_str: The first one, as year and week.
        end_snapshot_str: The last one.
        data_prefix: Where files are.
        limit: Only the first files.
        index_prefix: Where the list of crawls is.

    Example:
        >>> MainCommonCrawlUrlGenerator("2024-10", "2024-18", limit=2).generate_urls()
    """

    def __init__(
        self,
        start_snapshot_str: str,
        end_snapshot_str: str,
        data_prefix: str = COMMON_CRAWL,
        limit: int | None = None,
        index_prefix: str = _INDEX,
    ) -> None:
        super().__init__(start_snapshot_str, end_snapshot_str, data_prefix, limit)
        self.index_prefix = index_prefix.rstrip("/")

    def generate_urls(self) -> list[str]:
        """The URLs, crawl by crawl.

        Raises:
            InputError: There is no crawl between the two, or no answer.
        """
        first, last = f"CC-MAIN-{self.start_snapshot_str}", f"CC-MAIN-{self.end_snapshot_str}"
        listed = PublishedList(is_named=self.index_prefix != _INDEX)(
            f"{self.index_prefix}/collinfo.json"
        )
        names = sorted(str(each["id"]) for each in json.loads(listed))
        found = [each for each in names if first <= each <= last]
        if not found:
            raise InputError(f"there is no crawl from {first} to {last}; see {self.index_prefix}.")
        urls = [
            file.url
            for each in found
            for file in crawl_files(self._get, base=self.data_prefix, snapshot=each)
        ]
        return urls[: self.limit]


class NewsCommonCrawlUrlGenerator(BaseCommonCrawlUrlGenerator):
    """Lists WARC files of news, such as of 2024-05 to 2024-07.

    Example:
        >>> NewsCommonCrawlUrlGenerator("2024-05", "2024-07", limit=2).generate_urls()
    """

    def generate_urls(self) -> list[str]:
        """The URLs, month by month.

        Raises:
            InputError: There is no answer.
        """
        urls = [
            file.url
            for month in _months(self.start_snapshot_str, self.end_snapshot_str)
            for file in news_files(self._get, base=self.data_prefix, month=month)
        ]
        return urls[: self.limit]


def _months(first: str, last: str) -> list[str]:
    ends = [int(each[:4]) * 12 + int(each[5:7]) - 1 for each in (first, last)]
    return [f"{each // 12}-{each % 12 + 1:02d}" for each in range(ends[0], ends[1] + 1)]


class CommonCrawlWARCDownloader(PublishedFileDownloader):
    """Fetches WARC files.

    Args:
        download_dir: Folder for them.
        use_aws_to_download: Take them from the bucket of Common Crawl, with keys of AWS.
        verbose: Log each file.
        allow_private: Also from private networks and this machine.

    Example:
        >>> CommonCrawlWARCDownloader("warcs").download(url)
    """

    def __init__(
        self,
        download_dir: str,
        use_aws_to_download: bool = False,
        verbose: bool = False,
        *,
        allow_private: bool = False,
    ) -> None:
        super().__init__(download_dir, verbose, allow_private=allow_private)
        self.use_aws_to_download = use_aws_to_download

    def _download_to_path(self, url: str, path: str) -> tuple[bool, str | None]:
        if self.use_aws_to_download:
            url = f"{_BUCKET}/{url.split('/', 3)[-1]}"
        return super()._download_to_path(url, path)


class CommonCrawlHTMLExtractor(DocumentExtractor):
    """Makes a document of a page in a language of which the frequent words are known.

    Args:
        algorithm: justext, resiliparse or trafilatura, or an object of one; jusText unless given.
        algorithm_kwargs: Its parameters.
        stop_lists: Frequent words by names of languages in capitals; those of jusText unless given.

    Example:
        >>> CommonCrawlHTMLExtractor("resiliparse").extract(record)["language"]
        'ENGLISH'
    """

    def __init__(
        self,
        algorithm: HTMLExtractorAlgorithm | str | None = None,
        algorithm_kwargs: dict[str, Any] | None = None,
        stop_lists: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        if isinstance(algorithm, HTMLExtractorAlgorithm):
            self.algorithm = algorithm
        else:
            name = (algorithm or "justext").lower()
            if name not in _ALGORITHMS:
                raise SettingsError(
                    f"{algorithm!r} is no algorithm; known are {', '.join(_ALGORITHMS)}."
                )
            self.algorithm = _ALGORITHMS[name](**(algorithm_kwargs or {}))
        self.stop_lists = get_stop_list_dict() if stop_lists is None else stop_lists

    def extract(self, record: Record) -> Record | None:
        """The document; None if there is no text, or its language has no list."""
        import pycld2

        html = decode(record["content"]).text
        try:
            name = str(pycld2.detect(html.encode("utf-8", "replace"), isPlainText=False)[2][0][0])
        except pycld2.error:
            return None
        language = name.upper()
        if language not in self.stop_lists:
            return None
        found = self.algorithm.extract_text(html, self.stop_lists[language], language)
        if not found:
            return None
        kept = {name: record[name] for name in ("url", "warc_id", "source_id")}
        return {**kept, "language": language, "text": "\n\n".join(found)}

    def input_columns(self) -> list[str]:
        """What a record must have."""
        return ["url", "warc_id", "source_id", "content"]

    def output_columns(self) -> list[str]:
        """What a document has."""
        return ["url", "warc_id", "source_id", "language", "text"]


@positional(
    "start_snapshot",
    "end_snapshot",
    "download_dir",
    "crawl_type",
    "html_extraction",
    "html_extraction_kwargs",
    "stop_lists",
    "use_aws_to_download",
    "verbose",
    "url_limit",
    "record_limit",
    "add_filename_column",
    "extractor_max_calls_per_worker",
)
@dataclass(kw_only=True)
class CommonCrawlDownloadExtractStage(CompositeStage[EmptyTask, DocumentBatch]):
    """List WARC files, fetch them, and make documents of their pages.

    Example:
        >>> CommonCrawlDownloadExtractStage("2024-10", "2024-10", "warcs", url_limit=2)
    """

    start_snapshot: str
    """The first crawl, as year and week; of news year and month."""
    end_snapshot: str
    """The last one."""
    download_dir: str
    """Folder for the files."""
    crawl_type: Literal["main", "news"] = "main"
    """Main crawls or news."""
    html_extraction: HTMLExtractorAlgorithm | str | None = None
    """As `CommonCrawlHTMLExtractor` takes it."""
    html_extraction_kwargs: dict[str, Any] | None = None
    """Its parameters."""
    stop_lists: Mapping[str, frozenset[str]] | None = None
    """Frequent words by language."""
    use_aws_to_download: bool = False
    """Take files from the bucket."""
    verbose: bool = False
    """Log each file."""
    url_limit: int | None = None
    """Only the first files."""
    record_limit: int | None = None
    """Only the first documents of each file."""
    add_filename_column: bool | str = True
    """Name of the column with the file's name; True for `file_name`."""
    extractor_max_calls_per_worker: int | None = None
    """Accepted, without effect: workers stay."""

    def decompose(self) -> list[AnyStage]:
        """List, fetch, read."""
        kinds = {"main": MainCommonCrawlUrlGenerator, "news": NewsCommonCrawlUrlGenerator}
        return DocumentDownloadExtractStage(
            url_generator=kinds[self.crawl_type](
                self.start_snapshot, self.end_snapshot, limit=self.url_limit
            ),
            downloader=CommonCrawlWARCDownloader(
                self.download_dir, self.use_aws_to_download, self.verbose
            ),
            iterator=CommonCrawlWarcIterator(),
            extractor=CommonCrawlHTMLExtractor(
                self.html_extraction, self.html_extraction_kwargs, self.stop_lists
            ),
            url_limit=self.url_limit,
            record_limit=self.record_limit,
            add_filename_column=self.add_filename_column,
        ).decompose()
