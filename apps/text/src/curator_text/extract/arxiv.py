"""Papers of arXiv by NeMo Curator's names: names of its tars, the tars, papers, their texts.

Its bucket makes readers pay, so lists and files need `s3fs` and keys of AWS; this has not run against it.
"""

import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from curator_engine.files.paths import use_options
from curator_engine.files.storage import open_read, read_bytes
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
from curator_text.download.source_lists import ARXIV, paper_files
from curator_text.extract.page_texts import MOST_SOURCE_BYTES, source_files
from curator_text.extract.published_files import PublishedFileDownloader
from curator_text.extract.tex_text import tex_text
from curator_text.task import DocumentBatch


class ArxivUrlGenerator(URLGenerator):
    """Lists the tars of sources, as the manifest of the bucket names them.

    Example:
        >>> ArxivUrlGenerator().generate_urls()[0]
        'arXiv_src_0001_001.tar'
    """

    def generate_urls(self) -> list[str]:
        """The names of the tars, in order."""
        return [each.url.rpartition("/")[2] for each in paper_files(_read, base=ARXIV)]


def _read(url: str) -> bytes:
    use_options(url, {"requester_pays": True})
    return read_bytes(url)


class ArxivDownloader(PublishedFileDownloader):
    """Fetches tars from the bucket, by their names or by addresses.

    Args:
        download_dir: Folder for them.
        verbose: Log each file.

    Example:
        >>> ArxivDownloader("papers").download("arXiv_src_0001_001.tar")
    """

    def _get_output_filename(self, url: str) -> str:
        return url.rpartition("/")[2]

    def _download_to_path(self, url: str, path: str) -> tuple[bool, str | None]:
        return super()._download_to_path(url if "://" in url else f"{ARXIV}/src/{url}", path)


class ArxivIterator(DocumentIterator):
    """Reads the papers of a tar, in memory.

    Args:
        log_frequency: Accepted, without effect.
        extract_tmp_dir: Accepted, without effect: nothing is written to disk.

    Example:
        >>> next(ArxivIterator().iterate("arXiv_src_0001_001.tar"))["id"]
        'astro-ph0001001'
    """

    def __init__(self, log_frequency: int = 1000, extract_tmp_dir: str | None = None) -> None:
        del log_frequency, extract_tmp_dir

    def iterate(self, file_path: str) -> Iterator[Record]:
        """The papers that have LaTeX."""
        path = str(file_path)
        with open_read(path) as raw, tarfile.open(fileobj=raw, mode="r|*") as tar:
            for member in tar:
                is_paper = member.isreg() and member.name.endswith((".gz", ".tar", ".tex"))
                body = (
                    tar.extractfile(member)
                    if is_paper and member.size <= MOST_SOURCE_BYTES
                    else None
                )
                sources = _sources(body.read()) if body else []
                if sources:
                    yield {
                        "id": PurePosixPath(member.name).stem,
                        "source_id": PurePosixPath(path).name,
                        "content": sources,
                    }

    def output_columns(self) -> list[str]:
        """The names in a record."""
        return ["id", "source_id", "content"]


def _sources(data: bytes) -> list[str]:
    try:
        files = source_files(data)
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError):
        return []
    return [text for _, text in sorted(files.items()) if "\\" in text]


class ArxivExtractor(DocumentExtractor):
    """Makes a document of the sources of a paper.

    Example:
        >>> ArxivExtractor().extract({"content": [source]})["text"]
    """

    def extract(self, record: Record) -> Record | None:
        """The document; None if there is no text."""
        files = {f"{number}.tex": text for number, text in enumerate(record["content"])}
        text, _ = tex_text(files)
        return {"text": text} if text else None

    def input_columns(self) -> list[str]:
        """What a record must have."""
        return ["id", "source_id", "content"]

    def output_columns(self) -> list[str]:
        """What a document has."""
        return ["text"]


@positional(
    "download_dir",
    "url_limit",
    "record_limit",
    "add_filename_column",
    "log_frequency",
    "verbose",
)
@dataclass(kw_only=True)
class ArxivDownloadExtractStage(CompositeStage[EmptyTask, DocumentBatch]):
    """List the tars, fetch them, and make documents of their papers.

    Example:
        >>> ArxivDownloadExtractStage("papers", url_limit=1)
    """

    download_dir: str = "./arxiv_downloads"
    """Folder for the tars."""
    url_limit: int | None = None
    """Only the first tars."""
    record_limit: int | None = None
    """Only the first documents of each tar."""
    add_filename_column: bool | str = True
    """Name of the column with the tar's name; True for `file_name`."""
    log_frequency: int = 1000
    """Accepted, without effect."""
    verbose: bool = False
    """Log each file."""

    def decompose(self) -> list[AnyStage]:
        """List, fetch, read."""
        return DocumentDownloadExtractStage(
            url_generator=ArxivUrlGenerator(),
            downloader=ArxivDownloader(self.download_dir, self.verbose),
            iterator=ArxivIterator(),
            extractor=ArxivExtractor(),
            url_limit=self.url_limit,
            record_limit=self.record_limit,
            add_filename_column=self.add_filename_column,
        ).decompose()
