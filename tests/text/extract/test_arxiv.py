"""Papers of arXiv by NeMo Curator's names, without its bucket."""

import gzip
from typing import Any

from web_pages import paper, tar
from web_server import serving

from curator_engine.task import FileGroupTask
from curator_text.download.records import DocumentIterateExtractStage
from curator_text.extract.arxiv import (
    ArxivDownloader,
    ArxivDownloadExtractStage,
    ArxivExtractor,
    ArxivIterator,
)

PAPERS = tar(
    {
        "2301/2301.00001.gz": gzip.compress(paper()),
        "2301/2301.00002.gz": gzip.compress(tar({"a.tex": paper("Another."), "b.png": b"x"}, "w")),
        "2301/2301.00003.pdf": b"%PDF",
        "2301/2301.00004.gz": b"broken",
    },
    "w",
)


def test_papers_of_a_fetched_tar_become_documents(tmp_path):
    with serving({"/src/a_001.tar": (200, {}, PAPERS)}) as site:
        path = ArxivDownloader(str(tmp_path), allow_private=True).download(
            f"{site.url}/src/a_001.tar"
        )
    assert path == f"{tmp_path}/a_001.tar"
    stage = DocumentIterateExtractStage(iterator=ArxivIterator(), extractor=ArxivExtractor())
    batch: Any = stage.process(FileGroupTask(data=[str(path)]))
    assert batch.data.column("text").to_pylist() == [
        "Introduction\n\nAn old idea. We call it Harbour, see .",
        "Introduction\n\nAnother. We call it Harbour, see .",
    ]
    assert [each["id"] for each in ArxivIterator().iterate(str(path))] == [
        "2301.00001",
        "2301.00002",
    ]


def test_the_whole_stage_is_made_of_these(tmp_path):
    assert len(ArxivDownloadExtractStage(download_dir=str(tmp_path), url_limit=1).flatten()) == 3
