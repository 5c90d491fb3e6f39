"""The command `curator-image download`: from lists of addresses to pictures."""

from dataclasses import dataclass

from curator_engine.pipelines.download import FetchJob
from curator_image.pipelines.download import DownloadWorkflow
from curator_image.settings import DownloadSettings


@dataclass(kw_only=True)
class Download(FetchJob[DownloadSettings, DownloadWorkflow]):
    """Lists into pictures."""

    of = DownloadWorkflow
    what, without = "pictures", "gave none"
