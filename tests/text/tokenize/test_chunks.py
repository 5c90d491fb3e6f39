"""Chunks of texts, and documents of chunks."""

from importlib import import_module
from typing import Any

import pyarrow as pa
import pytest
from tokenizer_toys import save_words

from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_text.task import DocumentBatch

stages: Any = import_module("curator_text.tokenize.chunks")


def batch(rows):
    return DocumentBatch(data=pa.Table.from_pylist(rows))


def test_the_middle_of_a_text_stays():
    stage = stages.CenterCropTextStage("text", 3)
    made = stage.process(batch([{"text": t} for t in ("abcdefg", "abcd", "ab", None)]))
    assert made.data.column("text").to_pylist() == ["abcdef", "abcd", "ab", None]


@pytest.fixture(scope="module")
def splitter(tmp_path_factory):
    name = save_words(tmp_path_factory.mktemp("words"), ["a"])
    stage = stages.TokenSplitterStage(name, 3)
    stage.setup()
    return stage


def test_texts_are_cut_between_paragraphs(splitter):
    text = "a a\n\na\n\n \n\na a a a\n\na"
    assert list(splitter.chunks(text)) == [("a a\n\na\n\n", 3), ("a a a a\n\n", 4), ("a", 1)]
    assert list(splitter.chunks(" \n\n")) == []


def test_each_chunk_has_the_columns_of_its_row(splitter):
    pipeline = Pipeline("p", stages=[splitter])
    rows = [
        {"url": "u", "text": "a a\n\na a"},
        {"url": "v", "text": None},
        {"url": "w", "text": "a"},
    ]
    (made,) = pipeline.run(LocalExecutor(), initial_tasks=[batch(rows)])
    assert made.data.to_pylist() == [
        {"text": "a a\n\n", "chunk_id": 0, "n_tokens": 2, "url": "u"},
        {"text": "a a", "chunk_id": 1, "n_tokens": 2, "url": "u"},
        {"text": "a", "chunk_id": 0, "n_tokens": 1, "url": "w"},
    ]
    assert pipeline.last_run is not None
    assert pipeline.last_run.stages[0].dropped == {"no words": 1}
    assert splitter.process(batch([{"text": " "}])) is None


def chunk(url, number, cleaned, **more):
    return {"url": url, "chunk_id": number, "cleaned_text": cleaned, "text": f"raw{number}", **more}


def test_chunks_are_joined_in_their_order_and_the_rest_is_counted():
    rows = [
        chunk("v", 1, "two", num_input_tokens=2, title=None),
        chunk("u", 0, "one", num_input_tokens=5, title="t"),
        chunk("v", 0, "one", num_input_tokens=1, title="T"),
        chunk("v", 0, "again", num_input_tokens=9, title="T"),
        chunk("v", 2, "NO USEFUL CONTENT", num_input_tokens=9, title="T"),
        chunk(None, 0, "x", num_input_tokens=9, title="T"),
        chunk("w", 0, "long" * 5, num_input_tokens=9, title="T"),
    ]
    pipeline = Pipeline("p", stages=[stages.ChunkMergeStage(max_text_length=10)])
    (made,) = pipeline.run(LocalExecutor(), initial_tasks=[batch(rows)])
    texts = [(row["url"], row["cleaned_text"], row["text"]) for row in made.data.to_pylist()]
    assert texts == [("u", "one", "raw0"), ("v", "one\ntwo", "raw0\nraw1")]
    assert made.data.column("num_input_tokens").to_pylist() == [5, 3]
    assert made.data.column("title").to_pylist() == ["t", "T"]
    assert pipeline.last_run is not None
    expected = {"chunk twice": 1, "no content": 1, "no document": 1, "too long": 1}
    assert pipeline.last_run.stages[0].dropped == expected


def test_a_batch_without_content_is_gone():
    assert stages.ChunkMergeStage().process(batch([chunk("u", 0, None)])) is None
