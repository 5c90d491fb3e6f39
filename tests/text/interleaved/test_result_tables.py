"""The tables of a run on documents of texts and pictures."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from curator_text.interleaved import result_tables
from curator_text.interleaved.result_tables import ResultTables

KEPT = {"id": "a", "modality": "document", "reason": "", "num_texts": 1, "num_images": 1}
GONE = {"id": "b", "modality": "document", "reason": "too short", "num_texts": 2, "num_images": 1}


def picture(position, reason=""):
    return {"modality": "image", "position": position, "reason": reason, "width": 9}


def test_pictures_go_with_their_document(ours, monkeypatch):
    monkeypatch.setattr(result_tables, "_ROWS_AT_A_TIME", 2)
    with ResultTables(output=ours, name="a", stamp="now") as tables:
        tables.add(KEPT, [picture(0), picture(1, "blurred")])
        tables.add(GONE, [picture(0)])
    removed, scores = map(pq.read_table, tables.written)
    assert removed.column("reason").to_pylist() == ["blurred", "too short"]
    assert removed.column("num_images").to_pylist() == [1, 1]
    reasons = [None, None, "blurred", "too short", "document: too short"]
    assert scores.column("reason").to_pylist() == reasons
    assert scores.column("keep").to_pylist() == [True, True, False, False, False]
    assert scores.column("width").to_pylist() == [None, 9, 9, None, 9]
    assert tables.reasons == {
        "document": {"too short": 1},
        "image": {"blurred": 1, "document: too short": 1},
        "text": {"document: too short": 2},
    }


def test_nothing_is_written_without_rows_or_after_an_error(ours):
    with ResultTables(output=ours, name="a") as tables:
        pass
    assert tables.written == []
    with pytest.raises(ZeroDivisionError), ResultTables(output=ours, name="b") as tables:
        tables.add(GONE, [])
        _ = 1 / 0
    assert not list(Path(ours).rglob("*.parquet"))
