"""The files that sources publish, from their own lists."""

import gzip
import json

import pytest

from curator_engine.errors import InputError
from curator_text.download.source_lists import crawl_files, dump_files, news_files, paper_files

BASE = "https://mirror.example"


def server(files):
    def get(url):
        if url not in files:
            raise InputError(f"{url} cannot be had")
        return files[url]

    return get


def dump(status="done", job="articlesmultistreamdump"):
    files = {
        "x-articles-multistream10.xml.bz2": {"url": "/x10.xml.bz2", "size": 10, "sha1": "a" * 40},
        "x-articles-multistream2.xml.bz2": {"url": "/x2.xml.bz2", "size": 5},
        "x-articles-multistream-index2.txt.bz2": {"url": "/x-index2.txt.bz2"},
    }
    return json.dumps({"jobs": {job: {"status": status, "files": files}}}).encode()


@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_files_of_crawls_and_news(pack):
    paths = pack(b"crawl-data/a/1.warc.gz\n\ncrawl-data/a/2.warc.gz\n")
    get = server(
        {
            f"{BASE}/crawl-data/CC-MAIN-2024-10/wet.paths.gz": paths,
            f"{BASE}/crawl-data/CC-NEWS/2024/05/warc.paths.gz": paths,
        }
    )
    urls = [f"{BASE}/crawl-data/a/1.warc.gz", f"{BASE}/crawl-data/a/2.warc.gz"]
    found = crawl_files(get, base=BASE, snapshot="CC-MAIN-2024-10", kind="wet")
    assert [each.url for each in found] == urls
    assert [each.url for each in news_files(get, base=BASE, month="2024-05")] == urls


def test_files_of_a_dump_have_sizes_and_checksums():
    get = server({f"{BASE}/enwiki/20240501/dumpstatus.json": dump()})
    found = dump_files(get, base=BASE, language="en", date="20240501")
    assert [(each.url, each.num_bytes) for each in found] == [
        (f"{BASE}/x2.xml.bz2", 5),
        (f"{BASE}/x10.xml.bz2", 10),
    ]
    assert found[1].checksum == f"sha1:{'a' * 40}"


def test_the_newest_complete_dump_is_taken():
    page = b'<a href="20240601/">x</a><a href="20240501/">x</a><a href="20240401/">x</a>'
    get = server(
        {
            f"{BASE}/zh_min_nanwiki/": page,
            f"{BASE}/zh_min_nanwiki/20240601/dumpstatus.json": dump("in-progress"),
            f"{BASE}/zh_min_nanwiki/20240501/dumpstatus.json": dump(),
        }
    )
    assert len(dump_files(get, base=BASE, language="zh-min-nan")) == 2


def test_papers_are_those_of_the_manifest():
    manifest = (
        b"<arXivSRC><file><filename>src/a_001.tar</filename><md5sum>%s</md5sum><size>7</size></file>"
        b"<file><filename>src/a_002.tar</filename></file><timestamp>x</timestamp></arXivSRC>"
        % (b"b" * 32)
    )
    found = paper_files(server({f"{BASE}/src/arXiv_src_manifest.xml": manifest}), base=BASE)
    assert [(each.url, each.num_bytes, each.checksum) for each in found] == [
        (f"{BASE}/src/a_001.tar", 7, f"md5:{'b' * 32}"),
        (f"{BASE}/src/a_002.tar", None, ""),
    ]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda get: crawl_files(get, base=BASE, snapshot="../x"), "no crawl"),
        (lambda get: news_files(get, base=BASE, month="2024-13"), "no month"),
        (lambda get: dump_files(get, base=BASE, language="../x"), "no language"),
        (lambda get: dump_files(get, base=BASE, language="de", date="20240501"), "no dump"),
        (lambda get: dump_files(get, base=BASE, language="fr"), "no dump"),
        (lambda get: paper_files(get, base=BASE), "no manifest"),
    ],
)
def test_what_is_not_there_is_said(call, said):
    get = server(
        {
            f"{BASE}/dewiki/20240501/dumpstatus.json": b"[]",
            f"{BASE}/frwiki/": b"nothing",
            f"{BASE}/src/arXiv_src_manifest.xml": b"<!DOCTYPE x><a/>",
        }
    )
    with pytest.raises(InputError, match=said):
        call(get)
