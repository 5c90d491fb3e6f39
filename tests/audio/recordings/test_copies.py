import numpy as np
import pyarrow as pa
import pytest
from audio.drawn_sounds import RATE, fingerprints, noisy, voice

from curator_audio.recordings.copies import without_copies
from curator_audio.recordings.segment_table import SEGMENTS
from curator_engine.items.copies import COPIES, FACTS
from curator_engine.items.item_table import lifted


@pytest.fixture(scope="module")
def prints():
    first = voice(0)
    table = fingerprints(
        {
            "a": first,
            "b": noisy(first, 20),
            "c": voice(1),
            "d": first[RATE : 5 * RATE],
            "e": voice(2),
        }
    )
    hashes = [bytes([k]) * 32 for k in (1, 2, 3, 4, 3)]
    return table.set_column(1, "sha256", pa.array(hashes, pa.binary(32)))


def _rows(**changes):
    rows = [
        {"uuid": uuid, "keep": True, "drop_stage": "", "drop_reason": "", "place": f"{uuid}.wav"}
        | {"start_s": 0.0, "end_s": 4.0 if uuid == "d" else 6.0}
        for uuid in "abcde"
    ]
    rows = [row | changes.get(str(row["uuid"]), {}) for row in rows]
    return pa.Table.from_pylist(rows, SEGMENTS.schema())


def _marks(table):
    return {row["uuid"]: row["drop_stage"] for row in table.to_pylist() if not row["keep"]}


def test_copies_are_marked_and_listed(prints):
    table, pairs = without_copies(_rows(), prints)
    assert _marks(table) == {"b": "near", "d": "near", "e": "exact"}
    rows = {row["id"]: row for row in pairs.to_pylist()}
    assert rows["d"]["offset"] == pytest.approx(1.0, abs=0.01)
    assert rows["e"]["how"] == "bytes"
    reasons = dict(
        zip(*(table.column(n).to_pylist() for n in ("uuid", "drop_reason")), strict=True)
    )
    assert reasons["d"].endswith("to a.wav at 0-6 s")
    assert reasons["e"] == "same bytes: as c.wav at 0-6 s"


def test_equal_ones_only(prints):
    assert _marks(without_copies(_rows(), prints, near=False)[0]) == {"e": "exact"}


def test_dropped_segments_take_no_part(prints):
    table = _rows(a={"keep": False, "drop_stage": "noise", "drop_reason": "snr 3 < 10"})
    assert _marks(without_copies(table, prints)[0]) == {"a": "noise", "d": "near", "e": "exact"}


def test_copies_of_another_set_go(prints):
    other = fingerprints({"secret": np.concatenate([voice(7), voice(1)])})
    table, pairs = without_copies(_rows(), prints, against=other)
    assert _marks(table) == {"b": "near", "d": "near", "c": "leak"}
    (leak,) = (row for row in pairs.to_pylist() if row["how"] == "leak")
    assert (leak["id"], leak["kept_id"]) == ("c", "secret")
    assert leak["offset"] == pytest.approx(6.0, abs=0.01)


def test_marks_of_an_earlier_search_are_lifted(prints):
    before = _rows(c={"keep": False, "drop_stage": "noise", "drop_reason": "snr 3 < 10"})
    marked, _ = without_copies(before, prints)
    assert lifted(marked, COPIES, facts=FACTS).equals(before)
