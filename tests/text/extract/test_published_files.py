"""How files of sources are fetched."""

import pytest
from web_server import serving

from curator_engine.errors import InputError
from curator_text.extract.published_files import PublishedFileDownloader, PublishedList


def test_a_list_is_fetched_or_said_why_not():
    with serving({"/l": (200, {}, b"x")}) as site:
        assert PublishedList(is_named=True)(f"{site.url}/l") == b"x"
        with pytest.raises(InputError, match="status 404"):
            PublishedList(is_named=True)(f"{site.url}/none")
        with pytest.raises(InputError, match="private network"):
            PublishedList()(f"{site.url}/l")


def test_a_file_is_fetched_and_named_after_its_address(tmp_path):
    with serving({"/a/b.warc.gz": (200, {}, b"x")}) as site:
        path = PublishedFileDownloader(str(tmp_path), allow_private=True).download(
            f"{site.url}/a/b.warc.gz"
        )
        assert path == f"{tmp_path}/a-b.warc.gz"
        assert PublishedFileDownloader(str(tmp_path)).download(f"{site.url}/c") is None
