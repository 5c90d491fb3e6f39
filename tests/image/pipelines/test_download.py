"""Lists of addresses into pictures."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from image.drawn_pictures import picture
from stopped_runs import stop_at
from web_server import serving

from curator_engine.executors.local import LocalExecutor
from curator_image.images.download_images import DownloadImages
from curator_image.pipelines.download import DownloadWorkflow
from curator_image.settings import DownloadSettings


@pytest.fixture
def site(tmp_path):
    with serving({f"/{i}.jpg": (200, {}, picture(i)) for i in range(5)}) as site:
        lines = [f"{site.url}/{i}.jpg\n" for i in range(6)]
        (tmp_path / "l.txt").write_text("".join(lines))
        yield site


def download(tmp_path, output="out", **options):
    how: dict[str, Any] = {"per_file": 2, "per_host": 1000.0, "allow_private": True, **options}
    settings = DownloadSettings(
        inputs=[str(tmp_path / "l.txt")], output=str(tmp_path / output), **how
    )
    settings.check()
    executor = LocalExecutor({"workers": 1, "on_error": "quarantine"})
    return DownloadWorkflow(settings=settings).run(executor).metadata


def files_in(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in Path(folder).rglob("*.tar")}


def test_every_address_is_counted_and_has_a_row(tmp_path, site):
    facts = download(tmp_path)
    assert (facts["urls"], facts["downloaded"], facts["failed_by"]) == (6, 5, {"status 404": 1})
    rows = pq.read_table(tmp_path / "out/downloads.parquet").to_pylist()
    assert [row["row"] for row in rows] == list(range(6))
    assert sorted(files_in(tmp_path / "out/data")) == ["000000.tar", "000001.tar", "000002.tar"]


def test_a_limit_counts_addresses(tmp_path, site):
    assert download(tmp_path, limit=3)["urls"] == 3


def test_a_run_that_was_stopped_goes_on_with_what_is_missing(tmp_path, site, monkeypatch):
    download(tmp_path, "whole")
    with monkeypatch.context() as patch:
        stop_at(patch, DownloadImages)
        with pytest.raises(KeyboardInterrupt):
            download(tmp_path)
    site.asked.clear()
    download(tmp_path)
    assert set(site.asked) == {f"/{i}.jpg" for i in range(2, 6)}
    assert files_in(tmp_path / "out") == files_in(tmp_path / "whole")


def test_a_list_that_has_become_shorter_leaves_nothing_behind(tmp_path, site):
    download(tmp_path)
    (tmp_path / "l.txt").write_text(f"{site.url}/0.jpg\n")
    assert download(tmp_path)["urls"] == 1
    assert sorted(files_in(tmp_path / "out/data")) == ["000000.tar"]
