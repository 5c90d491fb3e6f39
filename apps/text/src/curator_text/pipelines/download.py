"""Download what sources publish, or lists of addresses name.

data/                 files, and WARC files of pages
downloads.parquet     a row per address: what became of it
"""

from dataclasses import dataclass, replace

from curator_engine.errors import SettingsError
from curator_engine.files.listing import FileInfo, Listing
from curator_engine.files.paths import is_remote, join
from curator_engine.pipelines.download import FetchWorkflow
from curator_engine.stage import AnyStage
from curator_engine.stages.files import find_inputs, parse_size
from curator_engine.stages.given_tasks import placed
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask
from curator_text.download.download_files import DOWNLOADS, DownloadFiles
from curator_text.download.list_files import ListFiles
from curator_text.source_settings import DownloadSettings
from curator_text.version import __version__

_MOST_LIST = 256 << 20
"""Bytes of a list that a source publishes."""


@dataclass(kw_only=True)
class DownloadWorkflow(FetchWorkflow[DownloadSettings]):
    """Download files and pages; `curator-text download` in Python.

    Example:
        >>> settings = DownloadSettings(inputs=["urls", "urls.txt"], output="pages")
        >>> DownloadWorkflow(settings=settings).run().metadata["downloaded"]
        970
    """

    job, version, program = "download", __version__, "curator-text"
    schema = DOWNLOADS
    also_of_fetching = frozenset({"max_file_size", "max_file_seconds", "ignore_robots"})

    def check(self) -> None:
        """Look at the settings."""
        self.settings.check()
        if is_remote(self.settings.output):
            raise SettingsError("download needs an output folder of this machine.")

    def listed(self) -> Listing:
        """The lists of addresses, or the name of the source.

        Raises:
            InputError: A list is missing.
        """
        if self.listing is None:
            self.listing = listing_of(self.settings)
        return self.listing

    def stages(self) -> list[AnyStage]:
        """What every address goes through."""
        return [*self._listing(), *self.fetching()]

    def addresses(self, steps: Steps, tasks: list[FileGroupTask] | None) -> list[FileGroupTask]:
        """The addresses of the lists, or of the source, in tables."""
        return steps.run("list", self._listing(), self._sources() if tasks is None else tasks)

    def _sources(self) -> list[FileGroupTask]:
        return placed(
            [
                FileGroupTask(
                    data=[file.path],
                    stamp=file.stamp,
                    _metadata={"file_index": number, "name": file.name},
                )
                for number, file in enumerate(self.listed().files)
            ],
            file_format="auto",
        )

    def _listing(self) -> list[AnyStage]:
        settings = self.settings
        options = {
            "base": settings.base_url.rstrip("/"),
            "snapshot": settings.snapshot,
            "kind": settings.crawl_files,
            "index": settings.index,
            "month": settings.month,
            "language": settings.language,
            "date": settings.dump_date,
            "url_field": settings.url_field,
        }
        return [
            ListFiles(
                parts=join(self.cache, "urls"),
                per_part=settings.per_file,
                options=options,
                rules=replace(self.rules(), max_bytes=_MOST_LIST),
                limit=settings.limit,
            )
        ]

    def fetching(self, earlier: str = "") -> list[AnyStage]:
        """Downloads pages and files."""
        settings = self.settings
        rules = self.rules()
        return [
            DownloadFiles(
                output=settings.output,
                parts=join(self.cache, "downloads"),
                partial=join(self.cache, "partial"),
                threads=settings.threads,
                page_rules=rules,
                file_rules=replace(
                    rules,
                    max_bytes=parse_size(settings.max_file_size),
                    total_s=settings.max_file_seconds,
                ),
                respect_robots=settings.source == "urls" and not settings.ignore_robots,
                earlier=earlier,
            )
        ]


def listing_of(settings: DownloadSettings) -> Listing:
    """The lists of addresses; of another source its name, as if it were a file.

    Raises:
        InputError: A list is missing.
    """
    if settings.source != "urls":
        name = settings.source
        return Listing(files=[FileInfo(path=name, size=0, stamp="", name=name)], passed_over={})
    return find_inputs(settings.lists)
