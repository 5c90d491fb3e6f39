"""Downloading a part: pages into a WARC, files as they are."""

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from web_server import serving

from curator_engine.files.fetch import FetchRules
from curator_engine.task import FileGroupTask
from curator_text.download.download_files import DOWNLOADS, DownloadFiles
from curator_text.download.list_files import PARTS
from curator_text.read.warc_records import answer_of, warc_records

RULES = FetchRules(allow_private=True, per_host=1000, backoff_s=0.0)
DATA = bytes(range(256)) * 40


@pytest.fixture
def download(ours, tmp_path):
    def run(*rows):
        blank = dict.fromkeys(PARTS.names)
        table = pa.Table.from_pylist(
            [{**blank, "problem": "", "list": "l", "row": n, **row} for n, row in enumerate(rows)],
            PARTS,
        )
        pq.write_table(table, tmp_path / "part.parquet")
        made = DownloadFiles(
            output=ours,
            parts=f"{ours}/parts",
            partial=f"{ours}/partial",
            page_rules=RULES,
            file_rules=RULES,
        )
        made.setup()
        task = made.process(FileGroupTask(data=[str(tmp_path / "part.parquet")]))
        found = pq.read_table(task.data[0])
        assert found.schema == DOWNLOADS
        assert not list(Path(ours, "partial").iterdir())
        return found.to_pylist()

    return run


def test_pages_become_records_with_what_the_server_says(download, ours):
    page = "<p>für</p>".encode("cp1252")
    answers = {
        "/a": (200, {"Content-Type": "text/html; charset=cp1252"}, page),
        "/b": (302, {"Location": "/a"}, b""),
        "/c": (200, {"X-Robots-Tag": "noai"}, page),
    }
    with serving(answers) as site:
        rows = download(*({"url": f"{site.url}/{name}"} for name in "abcd"))
    assert [row["reason"] for row in rows] == ["", "", "opted out: X-Robots-Tag noai", "status 404"]
    assert rows[0]["path"] == "data/pages-000000.warc.gz"
    first, second = warc_records(f"{ours}/data/pages-000000.warc.gz")
    answer = answer_of(first.data or b"")
    assert (answer.content_type, answer.body) == ("text/html; charset=cp1252", page)
    assert second.url == f"{site.url}/a"


def test_files_are_checked_and_named(download, ours):
    good, bad = hashlib.sha1(DATA).hexdigest(), "0" * 40
    with serving({"/a.tar": (200, {}, DATA)}) as site:
        url = {"url": f"{site.url}/a.tar", "name": "a.tar"}
        rows = download(
            {**url, "checksum": f"sha1:{good}"},
            {**url, "checksum": f"sha1:{bad}"},
            {**url, "num_bytes": 7},
        )
    assert [row["reason"] for row in rows] == [
        "",
        "another sha1 than the list says",
        "another size than the list says",
    ]
    assert rows[0]["sha256"] == hashlib.sha256(DATA).hexdigest()
    assert Path(ours, rows[0]["path"]).read_bytes() == DATA
    assert rows[0]["path"] == "data/000000-0000-a.tar"


def test_a_file_that_is_cut_off_is_gone_on_with(download, ours):
    half = (200, {"ETag": '"x"', "Content-Length": str(len(DATA))}, DATA[:5000])
    rest = (
        206,
        {"ETag": '"x"', "Content-Range": f"bytes 5000-{len(DATA) - 1}/{len(DATA)}"},
        DATA[5000:],
    )
    with serving({"/a.tar": [half, rest]}) as site:
        (row,) = download({"url": f"{site.url}/a.tar", "name": "a.tar"})
    assert (row["reason"], row["tries"]) == ("", 2)
    assert Path(ours, row["path"]).read_bytes() == DATA


def test_records_of_an_index_stay_as_they_are(download, ours):
    answers = {
        "/a.warc.gz": (206, {"Content-Range": "bytes 7-15/99"}, b"123456789"),
        "/whole.warc.gz": (200, {}, DATA),
    }
    with serving(answers) as site:
        span = {"offset": 7, "length": 9}
        rows = download(
            {"url": f"{site.url}/a.warc.gz", **span}, {"url": f"{site.url}/whole.warc.gz", **span}
        )
    assert [row["reason"] for row in rows] == ["", "another part than was asked for"]
    assert Path(ours, "data/pages-000000.warc.gz").read_bytes() == b"123456789"


def test_what_robots_disallow_is_not_asked_for(download):
    with serving({"/robots.txt": (200, {}, b"User-agent: *\nDisallow: /\n")}) as site:
        (row,) = download({"url": f"{site.url}/a"})
        assert site.asked["/a"] == 0
    assert row["reason"] == "robots.txt does not allow it"


def test_rows_with_a_problem_keep_it(download):
    (row,) = download({"url": "", "problem": "no address"})
    assert (row["reason"], row["path"]) == ("no address", None)
