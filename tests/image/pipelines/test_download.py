"""Lists of addresses into pictures."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from image.drawn_pictures import picture
from stopped_runs import stop_at
from web_server import serving

from curator_engine.errors import InputError
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


def test_what_failed_is_asked_for_again_and_lies_as_if_it_had_come_at_once(tmp_path, site):
    download(tmp_path)
    site.answers["/5.jpg"] = (200, {}, picture(5))
    site.asked.clear()
    facts = download(tmp_path, retry_failed=True, timeout=9.0)
    assert (facts["downloaded"], facts["failed_by"]) == (6, {})
    assert set(site.asked) == {"/5.jpg"}
    download(tmp_path, "whole")
    assert files_in(tmp_path / "out") == files_in(tmp_path / "whole")
    rows, whole = (
        pq.read_table(tmp_path / each / "downloads.parquet").to_pylist()
        for each in ("out", "whole")
    )
    assert rows == whole


def test_loose_files_are_put_beside_those_that_came(tmp_path, site):
    download(tmp_path, output_format="folder")
    before = sorted(p.name for p in (tmp_path / "out/data").rglob("*.jpg"))
    site.answers["/5.jpg"] = (200, {}, picture(5))
    download(tmp_path, output_format="folder", retry_failed=True)
    after = sorted(p.name for p in (tmp_path / "out/data").rglob("*.jpg"))
    assert after == [*before, "0000020001.jpg"]


def test_a_tar_that_is_gone_or_damaged_is_fetched_again(tmp_path, site):
    download(tmp_path)
    first, second = (tmp_path / f"out/data/00000{n}.tar" for n in (0, 1))
    first.unlink()
    second.write_bytes(second.read_bytes()[:700])
    site.asked.clear()
    assert download(tmp_path, retry_failed=True)["downloaded"] == 5
    assert set(site.asked) == {f"/{i}.jpg" for i in (0, 1, 2, 3, 5)}
    download(tmp_path, "whole")
    assert files_in(tmp_path / "out") == files_in(tmp_path / "whole")


def test_a_retry_that_was_stopped_goes_on(tmp_path, site, monkeypatch):
    site.answers["/0.jpg"] = (404, {}, b"")
    download(tmp_path)
    site.answers |= {f"/{i}.jpg": (200, {}, picture(i)) for i in (0, 5)}
    with monkeypatch.context() as patch:
        stop_at(patch, DownloadImages)
        with pytest.raises(KeyboardInterrupt):
            download(tmp_path, retry_failed=True)
    site.asked.clear()
    assert download(tmp_path)["downloaded"] == 6
    assert set(site.asked) == {"/5.jpg"}
    download(tmp_path, "whole")
    assert files_in(tmp_path / "out") == files_in(tmp_path / "whole")


def test_what_failed_of_other_lists_is_not_asked_for(tmp_path, site):
    download(tmp_path)
    (tmp_path / "l.txt").write_text(f"{site.url}/0.jpg\n")
    with pytest.raises(InputError, match="other lists"):
        download(tmp_path, retry_failed=True)
    assert len(files_in(tmp_path / "out/data")) == 3
