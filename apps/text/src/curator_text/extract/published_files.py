"""Files of sources that NeMo Curator names: how their lists and files are fetched."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from curator_engine.errors import InputError
from curator_engine.files.fetch import FetchRules, fetch
from curator_engine.files.fetch_file import fetch_patiently
from curator_engine.files.paths import use_options
from curator_engine.files.storage import open_read
from curator_text.download.fetch import DocumentDownloader

_LIST_RULES = FetchRules(max_bytes=256 << 20)
_FILE_RULES = FetchRules(max_bytes=1 << 40, total_s=24 * 3600.0, retries=5)
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class PublishedList:
    """Fetches the lists of a source; one that the user names may be of this machine or network."""

    is_named: bool = False

    def __call__(self, url: str) -> bytes:
        """The bytes of a list.

        Raises:
            InputError: It cannot be had.
        """
        rules = FetchRules(max_bytes=_LIST_RULES.max_bytes, allow_private=self.is_named)
        found = fetch(url, rules)
        if found.reason:
            raise InputError(
                f"{url} cannot be had: {found.reason}; check the address and the date."
            )
        return found.data


class PublishedFileDownloader(DocumentDownloader):
    """Fetches files by http, https or from a bucket; one that was cut off is gone on with.

    Args:
        download_dir: Folder for the files.
        verbose: Log each file.
        allow_private: Also from private networks and this machine.
    """

    def __init__(
        self, download_dir: str, verbose: bool = False, *, allow_private: bool = False
    ) -> None:
        super().__init__(download_dir, verbose)
        self._allow_private = allow_private

    def _get_output_filename(self, url: str) -> str:
        return urlsplit(url).path.strip("/").replace("/", "-")

    def _download_to_path(self, url: str, path: str) -> tuple[bool, str | None]:
        if url.startswith("s3://"):
            return _from_bucket(url, path)
        rules = FetchRules(
            max_bytes=_FILE_RULES.max_bytes,
            total_s=_FILE_RULES.total_s,
            retries=_FILE_RULES.retries,
            allow_private=self._allow_private,
        )
        found = fetch_patiently(url, Path(path), rules)
        return not found.reason, found.reason or None

    def num_workers_per_node(self) -> int | None:
        """A few: hosts that publish for all are not asked by each core at once."""
        return 2


def _from_bucket(url: str, path: str) -> tuple[bool, str | None]:
    use_options(url, {"requester_pays": True})
    try:
        with open_read(url) as source, Path(path).open("wb") as copy:
            shutil.copyfileobj(source, copy, _PIECE_BYTES)
    except (OSError, ValueError, ImportError) as error:
        return False, " ".join(str(error).split()) or type(error).__name__
    return True, None
