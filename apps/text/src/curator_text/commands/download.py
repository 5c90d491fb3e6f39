"""The command `curator-text download`: from sources, or lists of addresses, to files."""

from dataclasses import dataclass

from curator_engine.files.listing import Listing
from curator_engine.pipelines.download import FetchJob
from curator_text.pipelines.download import DownloadWorkflow, listing_of
from curator_text.source_settings import DownloadSettings


@dataclass(kw_only=True)
class Download(FetchJob[DownloadSettings, DownloadWorkflow]):
    """Addresses into files."""

    of = DownloadWorkflow

    def listed(self) -> Listing:
        """The lists, or the source."""
        return listing_of(self.settings)
