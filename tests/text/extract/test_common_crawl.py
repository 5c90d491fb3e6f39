"""Common Crawl by NeMo Curator's names, from a server of the test."""

import gzip
import json

import pytest
from web_pages import LONG, html, record
from web_server import serving

from curator_engine.errors import InputError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_text.download.records import DocumentDownloadExtractStage
from curator_text.download.warc import CommonCrawlWarcIterator
from curator_text.extract.common_crawl import (
    CommonCrawlDownloadExtractStage,
    CommonCrawlHTMLExtractor,
    CommonCrawlWARCDownloader,
    MainCommonCrawlUrlGenerator,
    NewsCommonCrawlUrlGenerator,
)
from curator_text.extract.html_extractors import ResiliparseExtractor

RECORD = gzip.compress(record(html(LONG * 3).encode(), url="http://a.example/1", number=1))
CRAWLS = [{"id": f"CC-MAIN-{each}"} for each in ("2024-18", "2024-10", "2023-50")]


@pytest.fixture(scope="module")
def site():
    answers = {
        "/collinfo.json": (200, {}, json.dumps(CRAWLS).encode()),
        "/crawl-data/CC-MAIN-2024-10/warc.paths.gz": (200, {}, b"c/1.warc.gz\n"),
        "/crawl-data/CC-MAIN-2024-18/warc.paths.gz": (200, {}, b"c/2.warc.gz\nc/3.warc.gz\n"),
        "/crawl-data/CC-NEWS/2023/12/warc.paths.gz": (200, {}, b"n/1.warc.gz\n"),
        "/crawl-data/CC-NEWS/2024/01/warc.paths.gz": (200, {}, b"n/2.warc.gz\n"),
        "/c/1.warc.gz": (200, {}, RECORD),
    }
    with serving(answers) as made:
        yield made


def test_crawls_between_two_are_listed(site):
    places = {"data_prefix": site.url, "index_prefix": site.url}
    found = MainCommonCrawlUrlGenerator("2024-10", "2024-18", **places, limit=2).generate_urls()
    assert found == [f"{site.url}/c/1.warc.gz", f"{site.url}/c/2.warc.gz"]
    with pytest.raises(InputError, match="no crawl from"):
        MainCommonCrawlUrlGenerator("2020-01", "2020-02", **places).generate_urls()
    with pytest.raises(SettingsError, match="comes after"):
        MainCommonCrawlUrlGenerator("2024-18", "2024-10")


def test_months_of_news_are_listed(site):
    found = NewsCommonCrawlUrlGenerator("2023-12", "2024-01", site.url).generate_urls()
    assert found == [f"{site.url}/n/1.warc.gz", f"{site.url}/n/2.warc.gz"]


def test_pages_of_fetched_files_become_documents(site, tmp_path):
    places = {"data_prefix": site.url, "index_prefix": site.url}
    stage = DocumentDownloadExtractStage(
        url_generator=MainCommonCrawlUrlGenerator("2024-10", "2024-10", **places),
        downloader=CommonCrawlWARCDownloader(str(tmp_path), allow_private=True),
        iterator=CommonCrawlWarcIterator(),
        extractor=CommonCrawlHTMLExtractor("resiliparse"),
    )
    (batch,) = Pipeline("crawl", stages=[stage]).run(LocalExecutor())
    (row,) = batch.data.to_pylist()
    assert (row["language"], row["file_name"]) == ("ENGLISH", "c-1.warc.gz")
    assert "boats" in row["text"]


def test_the_whole_stage_is_made_of_these(tmp_path):
    stage = CommonCrawlDownloadExtractStage(
        start_snapshot="2024-10",
        end_snapshot="2024-10",
        download_dir=str(tmp_path),
        crawl_type="news",
        html_extraction="trafilatura",
    )
    assert [type(each).__name__ for each in stage.flatten()] == [
        "URLGenerationStage",
        "DocumentDownloadStage",
        "DocumentIterateExtractStage",
    ]


def test_a_page_in_a_language_without_words_is_left_out():
    page = {"url": "", "warc_id": "", "source_id": "", "content": html(LONG * 3).encode()}
    assert CommonCrawlHTMLExtractor(ResiliparseExtractor(), stop_lists={}).extract(page) is None
    with pytest.raises(SettingsError, match="no algorithm"):
        CommonCrawlHTMLExtractor("lynx")
