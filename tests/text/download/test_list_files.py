"""What is to be downloaded, in parts."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from web_server import serving

from curator_engine.errors import InputError
from curator_engine.files.fetch import FetchRules
from curator_engine.task import FileGroupTask
from curator_text.download import list_files
from curator_text.download.list_files import ListFiles

RULES = FetchRules(allow_private=True)


def parts(ours, source, **given):
    stage = ListFiles(parts=ours, rules=RULES, **given)
    tasks = list(stage.process(FileGroupTask(data=[str(source)])))
    return [pq.read_table(task.data[0]).to_pylist() for task in tasks]


def test_pages_and_files_are_in_parts_of_their_own(ours, tmp_path, monkeypatch):
    monkeypatch.setattr(list_files, "_FILES_PER_PART", 2)
    rows = [
        {"url": "http://a.example/1"},
        {"url": "http://a.example/b.tar?x=1", "sha256": "A" * 64},
        {"link": "http://a.example/2"},
        {"url": "http://a.example/3.html"},
        {"url": "http://a.example/../..%2f/.c$d.PDF"},
        {"other": 1},
    ]
    (tmp_path / "l.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\nno\n", encoding="utf-8")
    found = parts(ours, tmp_path / "l.jsonl", per_part=2)
    assert [[(row["row"], row["name"], row["problem"]) for row in part] for part in found] == [
        [(0, "", ""), (2, "", "")],
        [(1, "b.tar", ""), (4, "c_d.PDF", "")],
        [(3, "", ""), (5, "", "no address in url, URL, link, uri")],
        [(6, None, "its line is no JSON object")],
    ]
    assert found[1][0]["checksum"] == f"sha256:{'a' * 64}"


def test_rows_of_an_index_are_ranges(ours, tmp_path):
    table = {"warc_filename": ["a.warc.gz"], "warc_record_offset": [7], "warc_record_length": [9]}
    pq.write_table(pa.table(table), tmp_path / "i.parquet")
    options = {"base": "http://m.example", "index": str(tmp_path / "i.parquet")}
    ((row,),) = parts(ours, "cc", options=options)
    assert (row["url"], row["offset"], row["length"], row["name"]) == (
        "http://m.example/a.warc.gz",
        7,
        9,
        None,
    )


def test_files_of_a_source_have_names(ours):
    with serving(
        {"/crawl-data/CC-MAIN-2024-10/warc.paths.gz": (200, {}, b"crawl-data/x/1.warc.gz\n")}
    ) as site:
        options = {"base": site.url, "snapshot": ["CC-MAIN-2024-10"], "kind": "warc", "index": None}
        ((row,),) = parts(ours, "cc", options=options)
        assert (row["url"], row["name"]) == (f"{site.url}/crawl-data/x/1.warc.gz", "1.warc.gz")
        options["snapshot"] = ["CC-MAIN-2024-18"]
        with pytest.raises(InputError, match="status 404; check the address"):
            parts(ours, "cc", options=options)


def test_a_limit_counts_addresses(ours, tmp_path):
    (tmp_path / "l.txt").write_text("http://a/1\nhttp://a/2\nhttp://a/3\n", encoding="utf-8")
    assert sum(map(len, parts(ours, tmp_path / "l.txt", limit=2))) == 2
