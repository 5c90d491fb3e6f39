"""Downloads as a job."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from web_pages import LONG, html, record, write_warc
from web_server import serving

from curator_engine.errors import InputError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_text.pipelines.download import DownloadWorkflow
from curator_text.read.warc_records import warc_records
from curator_text.source_settings import DownloadSettings


def download(*inputs, output, **options):
    given: dict[str, Any] = {"allow_private": True, "per_host": 1000.0, **options}
    settings = DownloadSettings(inputs=[*map(str, inputs)], output=str(output), **given)
    return DownloadWorkflow(settings=settings).run(executor=LocalExecutor()).metadata


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A server with pages, a crawl of one file, and a dump."""
    folder = tmp_path_factory.mktemp("site")
    warc = write_warc(folder / "1.warc.gz", record(html(LONG).encode())).read_bytes()
    files = {"x.xml.bz2": {"url": "/dump.xml.bz2", "size": 3}}
    status = {"jobs": {"articlesmultistreamdump": {"status": "done", "files": files}}}
    answers = {
        f"/p/{n}": (200, {"Content-Type": "text/html"}, html(f"{LONG}{n}").encode())
        for n in range(5)
    }
    answers |= {
        "/crawl-data/CC-MAIN-2024-10/warc.paths.gz": (200, {}, b"c/1.warc.gz\nc/2.warc.gz\n"),
        "/c/1.warc.gz": (200, {}, warc),
        "/simplewiki/20240501/dumpstatus.json": (200, {}, json.dumps(status).encode()),
        "/dump.xml.bz2": (200, {}, b"BZh"),
    }
    with serving(answers) as made:
        yield made


def test_a_list_of_pages_becomes_warc_files(site, tmp_path):
    (tmp_path / "l.txt").write_text(
        "".join(f"{site.url}/p/{n}\n" for n in range(6)), encoding="utf-8"
    )
    facts = download("urls", tmp_path / "l.txt", output=tmp_path / "out", per_file=4)
    assert (facts["urls"], facts["downloaded"], facts["failed_by"]) == (6, 5, {"status 404": 1})
    assert [path.name for path in sorted(Path(tmp_path, "out/data").iterdir())] == [
        "pages-000000.warc.gz",
        "pages-000001.warc.gz",
    ]
    assert pq.read_metadata(tmp_path / "out/downloads.parquet").num_rows == 6
    assert not (tmp_path / "out/.cache").exists()


def test_a_crawl_and_a_dump_come_from_their_lists(site, tmp_path):
    base = {"base_url": f"{site.url}/"}
    facts = download("cc", output=tmp_path / "cc", snapshot=["CC-MAIN-2024-10"], **base)
    assert (facts["downloaded"], facts["failed"]) == (1, 1)
    facts = download("cc", output=tmp_path / "one", snapshot=["CC-MAIN-2024-10"], limit=1, **base)
    assert (facts["downloaded"], facts["failed"]) == (1, 0)
    facts = download(
        "wikipedia", output=tmp_path / "wiki", language="simple", dump_date="20240501", **base
    )
    assert (facts["downloaded"], facts["bytes"]) == (1, 3)


def test_a_private_address_is_not_fetched_unless_allowed(site, tmp_path):
    (tmp_path / "l.txt").write_text(f"{site.url}/p/1\n", encoding="utf-8")
    facts = download(
        tmp_path / "l.txt", output=tmp_path / "out", allow_private=False, ignore_robots=True
    )
    assert facts["failed_by"] == {"its host is in a private network; --allow-private takes it": 1}


def test_what_cannot_be_done_is_said_before_any_work(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        download("urls", tmp_path / "none.txt", output=tmp_path / "out")
    (tmp_path / "l.txt").write_text("http://a.example/\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="folder of this machine"):
        download(tmp_path / "l.txt", output="s3://bucket/out")
    assert not (tmp_path / "out").exists()


def test_pages_and_files_that_failed_are_asked_for_again(tmp_path):
    def pages(name):
        return [
            (each.url, each.data)
            for each in warc_records(f"{tmp_path}/{name}/data/pages-000000.warc.gz")
        ]

    answers: dict[str, Any] = {f"/{n}": (200, {}, html(f"{LONG}{n}").encode()) for n in (0, 2, 3)}
    answers |= {"/a.zip": (200, {}, b"zip")}
    with serving(answers) as site:
        lines = [f"{site.url}/{name}\n" for name in (0, 1, 2, 3, "a.zip", "b.zip")]
        (tmp_path / "l.txt").write_text("".join(lines), encoding="utf-8")
        options = {"ignore_robots": True, "per_file": 10}
        download(tmp_path / "l.txt", output=tmp_path / "out", **options)
        site.answers |= {"/1": (200, {}, html(LONG).encode()), "/b.zip": (200, {}, b"more")}
        site.asked.clear()
        facts = download(tmp_path / "l.txt", output=tmp_path / "out", retry_failed=True, **options)
        assert set(site.asked) == {"/1", "/b.zip"}
        assert (facts["downloaded"], facts["failed"]) == (6, 0)
        download(tmp_path / "l.txt", output=tmp_path / "whole", **options)
    assert pages("out") == pages("whole")
    assert len(pages("out")) == 4
