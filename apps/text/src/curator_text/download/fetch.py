"""URLs and their files: NeMo Curator's base classes, to be extended for each source.

What is fetched with is the user's own `_download_to_path`; a file takes its name when it is whole.
"""

import logging
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.task import EmptyTask, FileGroupTask

_log = logging.getLogger(__name__)


class URLGenerator(ABC):
    """What lists the URLs of a source.

    Example:
        >>> class Chapters(URLGenerator):
        ...     def generate_urls(self):
        ...         return [f"https://example.org/{n}.txt" for n in range(3)]
    """

    @abstractmethod
    def generate_urls(self) -> list[str]:
        """The URLs, in order."""


@positional("url_generator", "limit")
@dataclass(kw_only=True)
class URLGenerationStage(ProcessingStage[EmptyTask, FileGroupTask]):
    """List the URLs of a source, a task each."""

    url_generator: URLGenerator
    """Lists them."""
    limit: int | None = None
    """Only the first URLs."""
    fan_out: ClassVar[bool] = True

    def process(self, task: EmptyTask) -> list[FileGroupTask]:
        """The tasks, in the order of the URLs."""
        urls = self.url_generator.generate_urls()[: self.limit]
        return [
            FileGroupTask(
                data=[url],
                dataset_name=task.dataset_name,
                _metadata={"file_index": place, "source_url": url, "source_files": [url]},
            )
            for place, url in enumerate(urls)
        ]


class DocumentDownloader(ABC):
    """What fetches a URL: write `_get_output_filename` and `_download_to_path`.

    Args:
        download_dir: Folder for the files; made if it is not there.
        verbose: Log each file.

    Example:
        >>> class Plain(DocumentDownloader):
        ...     def _get_output_filename(self, url):
        ...         return url.rpartition("/")[2]
        ...
        ...     def _download_to_path(self, url, path):
        ...         urllib.request.urlretrieve(url, path)
        ...         return True, None
    """

    def __init__(self, download_dir: str, verbose: bool = False) -> None:
        self._download_dir = download_dir
        self._verbose = verbose
        self._problem = ""
        Path(download_dir).mkdir(parents=True, exist_ok=True)

    @abstractmethod
    def _get_output_filename(self, url: str) -> str:
        """Name of the file of a URL, without a folder."""

    @abstractmethod
    def _download_to_path(self, url: str, path: str) -> tuple[bool, str | None]:
        """Fetch a URL.

        Args:
            url: The URL.
            path: Where to write; what an earlier attempt left there may be continued.

        Returns:
            Whether it is whole, and else why not.
        """

    def download(self, url: str) -> str | None:
        """The path of a URL's file, fetched unless it is there and not empty; None if it cannot be had.

        Raises:
            SettingsError: The name of the file leads out of the folder.
        """
        name = self._get_output_filename(url)
        path = join(self._download_dir, name)
        if Path(self._download_dir).resolve() not in Path(path).resolve().parents:
            raise SettingsError(
                f"the file name {name!r} of {url} leads out of {self._download_dir}."
            )
        if Path(path).exists() and Path(path).stat().st_size:
            self._say("%s is there already", path)
            return path
        whole, problem = self._download_to_path(url, f"{path}.tmp")
        if not whole:
            self._problem = problem or "it was not fetched"
            _log.error("%s cannot be fetched: %s", url, self._problem)
            return None
        Path(f"{path}.tmp").replace(path)
        self._say("fetched %s", path)
        return path

    def _say(self, line: str, path: str) -> None:
        if self._verbose:
            _log.info(line, path)

    def num_workers_per_node(self) -> int | None:
        """Workers that fetch on one machine; None for as many as there is room for."""
        return None


@positional("downloader")
@dataclass(kw_only=True)
class DocumentDownloadStage(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Fetch the URLs of each task; one that cannot be had goes to quarantine with its reason."""

    downloader: DocumentDownloader
    """Fetches them."""

    def process(self, task: FileGroupTask) -> FileGroupTask | None:
        """The files of the task's URLs; None if there are none."""
        paths: list[str] = []
        for url in task.data:
            path = self.downloader.download(url)
            if path:
                paths.append(path)
                continue
            why = vars(self.downloader).get("_problem") or "it was not fetched"
            self.reject(
                Rejection(file=url, reason=f"cannot be fetched: {why}", rest=True, again=True)
            )
        if not paths:
            return None
        facts = {**task._metadata, "source_files": paths}
        return FileGroupTask(data=paths, dataset_name=task.dataset_name, _metadata=facts)

    def xenna_stage_spec(self) -> dict[str, Any]:
        """Workers per machine, where the downloader limits them."""
        most = self.downloader.num_workers_per_node()
        return {} if most is None else {"num_workers_per_node": most}
