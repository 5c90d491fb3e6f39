"""NeMo Curator's stages that make documents of pages about mathematics."""

import json
import pickle

import pyarrow as pa
import pytest

from curator_text.extract.math_stages import (
    LynxExtractor,
    MathContentExtractor,
    MathExtractStage,
)
from curator_text.task import DocumentBatch

PAGE = b'<html><body><main><p>So <math alttext="x^2"></math> grows.</p></main></body></html>'
NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "cells": [
        {"cell_type": "markdown", "source": ["# Sums\n", "of $x$"]},
        {
            "cell_type": "code",
            "source": "1 + 1",
            "outputs": [
                {"output_type": "execute_result", "data": {"text/plain": ["2"]}},
                {"output_type": "stream", "text": ["printed\n"]},
                {"output_type": "error", "ename": "no"},
                "broken",
            ],
        },
        {"cell_type": "code", "source": None, "outputs": None},
        "broken",
    ],
}


def row(data, said=None):
    return {"binary_content": data, "url": "u", "mime_type": said}


@pytest.fixture(scope="module")
def extractor():
    made = MathContentExtractor()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("data", "said", "text", "kind", "magic"),
    [
        (PAGE, "text/html", "So $x^2$ grows.", "html", "text/html"),
        (PAGE, None, "So $x^2$ grows.", "html", "text/html"),
        (b"no tags at all", "text/html; charset=utf-8", "", "html", "text/plain"),
        (b"\\section{A} text", "text/x-tex", "\\section{A} text", "text", "text/plain"),
        (b'{"nbformat": 4}', "application/json", '{"nbformat": 4}', "text", "text/plain"),
        (b'{"nbformat": ', None, '{"nbformat": ', "text", "text/plain"),
        (
            json.dumps(NOTEBOOK).encode(),
            None,
            "# Sums\nof $x$\n1 + 1\n2\nprinted",
            "notebook",
            "application/json",
        ),
    ],
)
def test_a_row_becomes_a_document(extractor, data, said, text, kind, magic):
    assert extractor.extract(row(data, said)) == {
        "text": text,
        "url": "u",
        "type": kind,
        "magic_mime_type": magic,
    }


@pytest.mark.parametrize("data", [None, b"", "text", bytes(range(256)) * 40])
def test_what_is_no_text_gives_nothing(extractor, data):
    assert extractor.extract(row(data)) is None


def test_an_extractor_goes_to_other_processes_without_its_own(extractor):
    extractor.extract(row(PAGE))
    assert pickle.loads(pickle.dumps(extractor))._pages._watched is None
    assert LynxExtractor().extract_text("") == ""


def ran(rows):
    """What the stage makes of rows, and what it counted."""
    batch = DocumentBatch(data=pa.Table.from_pylist(rows), dataset_name="d")
    stage = MathExtractStage(extractor=MathContentExtractor(), add_filename_column=True)
    assert stage.name == "extract_mathcontentextractor"
    assert stage.outputs()[1] == ["text", "url", "type", "magic_mime_type", "file_name"]
    made = stage.process(batch)
    stage.teardown()
    return made, stage.take_notes()


def test_the_stage_makes_documents_of_rows():
    made, _ = ran([row(data) | {"file_name": "f"} for data in (b"one", b"\xff\x00\xff")])
    assert made is not None
    assert made.data.to_pylist() == [
        {
            "text": "one",
            "url": "u",
            "type": "text",
            "magic_mime_type": "text/plain",
            "file_name": "f",
        }
    ]


def test_rows_without_a_document_are_counted():
    made, counted = ran([row(b"\xff\x00\xff")])
    assert made is None
    assert "nothing extracted" in str(counted)
