"""Small pictures of documents that stay."""

import pytest
from interleaved_toys import mint, picture

from curator_text.interleaved_settings import InterleavedSettings
from curator_text.pipelines.interleaved import InterleavedWorkflow
from curator_text.report.interleaved_pictures import some_documents

LISTS = {"texts": ["<b>One</b> " + "x" * 300, None], "images": [None, "a"]}


@pytest.mark.parametrize("kind", ["parquet", "webdataset", "jsonl"])
def test_documents_are_shown_with_their_pictures_as_far_as_those_are_there(tmp_path, kind):
    mint(tmp_path / "in/a.tar", ("a", LISTS, {"png": picture()}), ("b", LISTS, {"png": picture()}))
    settings = InterleavedSettings(
        inputs=[str(tmp_path / "in")], output=str(tmp_path / "out"), output_format=kind
    )
    InterleavedWorkflow(settings=settings).run()
    found = some_documents(str(tmp_path / "out"))
    assert found.count("data:image/webp;base64,") == (0 if kind == "jsonl" else 2)
    assert "<b>One" not in found
    page = (tmp_path / "out/report.html").read_text("utf-8")
    assert found in page


def test_a_picture_that_cannot_be_read_is_left_out(tmp_path):
    mint(tmp_path / "out/data/a.tar", ("a", LISTS, {"png": b"no picture"}))
    assert some_documents(str(tmp_path / "out")) == ""
