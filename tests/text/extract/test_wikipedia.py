"""Wikipedia by NeMo Curator's names, from a server of the test."""

import json

from web_pages import dump
from web_server import serving

from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_text.extract.wikipedia import WikipediaDownloadExtractStage, WikipediaExtractor


def test_articles_of_a_dump_become_documents(tmp_path):
    files = {"x.xml.bz2": {"url": "/simplewiki/x.xml.bz2"}}
    status = {"jobs": {"articlesmultistreamdump": {"status": "done", "files": files}}}
    articles = dump(
        ("Old harbour", "0", "A '''place'''."), ("Quay", "0", "#REDIRECT [[x]]"), ("T", "1", "x")
    )
    answers = {
        "/simplewiki/": (200, {}, b'<a href="20240501/">'),
        "/simplewiki/20240501/dumpstatus.json": (200, {}, json.dumps(status).encode()),
        "/simplewiki/x.xml.bz2": (200, {}, articles),
    }
    with serving(answers) as site:
        stage = WikipediaDownloadExtractStage(
            language="simple", download_dir=str(tmp_path), wikidumps_index_prefix=site.url
        )
        (batch,) = Pipeline("wiki", stages=[stage]).run(LocalExecutor())
    assert batch.data.to_pylist() == [
        {
            "text": "A place.",
            "title": "Old harbour",
            "id": "1",
            "url": "https://simple.wikipedia.org/wiki/Old_harbour",
            "language": "simple",
            "source_id": "simplewiki-x.xml.bz2",
            "file_name": "simplewiki-x.xml.bz2",
        }
    ]


def test_an_article_of_which_nothing_is_left_is_left_out():
    assert WikipediaExtractor().extract({"raw_content": "{{Infobox}}"}) is None
