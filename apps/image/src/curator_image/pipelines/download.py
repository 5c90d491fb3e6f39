"""Download the pictures that lists of addresses name.

data/                 tars or folders of --per-file addresses each: pictures, captions, facts
downloads.parquet     a row per address: what became of it
"""

from dataclasses import dataclass

from curator_engine.files.paths import join
from curator_engine.pipelines.download import FetchWorkflow
from curator_engine.stage import AnyStage
from curator_engine.stages.files import FilePartitioner
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask
from curator_image import __version__
from curator_image.images.download_images import DOWNLOADS, DownloadImages
from curator_image.images.list_urls import ListUrls
from curator_image.settings import DownloadSettings


@dataclass(kw_only=True)
class DownloadWorkflow(FetchWorkflow[DownloadSettings]):
    """Download pictures; `curator-image download` in Python.

    Example:
        >>> settings = DownloadSettings(inputs=["urls.csv"], output="pictures")
        >>> DownloadWorkflow(settings=settings).run().metadata["downloaded"]
        970
    """

    job, version, program = "download", __version__, "curator-image"
    schema = DOWNLOADS

    def check(self) -> None:
        """Look at the numbers."""
        self.rules()

    def stages(self) -> list[AnyStage]:
        """What every address goes through."""
        return [*self._source(), *self._listing(), *self.fetching()]

    def addresses(self, steps: Steps, tasks: list[FileGroupTask] | None) -> list[FileGroupTask]:
        """The addresses of the lists, in tables."""
        return steps.run(
            "list", [*(self._source() if tasks is None else []), *self._listing()], tasks
        )

    def fetching(self, earlier: str = "") -> list[AnyStage]:
        """Downloads pictures."""
        settings = self.settings
        return [
            DownloadImages(
                output=settings.output,
                parts=join(self.cache, "downloads"),
                output_format=settings.output_format,
                threads=settings.threads,
                rules=self.rules(),
                earlier=earlier,
            )
        ]

    def form(self) -> str:
        """Tars or folders."""
        return self.settings.output_format

    def _source(self) -> list[AnyStage]:
        return [FilePartitioner(file_paths=self.settings.inputs)]

    def _listing(self) -> list[AnyStage]:
        settings = self.settings
        return [
            ListUrls(
                parts=join(self.cache, "urls"),
                per_part=settings.per_file,
                url_field=settings.url_field,
                caption_field=settings.caption_field,
            )
        ]
