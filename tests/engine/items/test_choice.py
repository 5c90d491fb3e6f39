"""Items that a condition drops, and those that come back."""

import pyarrow as pa
import pytest

from curator_engine.items.choice import choose, describe

ROWS = [
    {"score": 0.9, "keep": True, "drop_stage": "", "path": "a"},
    {"score": 0.1, "keep": True, "drop_stage": "", "path": "b"},
    {"score": 0.8, "keep": False, "drop_stage": "blur", "path": "c"},
    {"score": 0.7, "keep": False, "drop_stage": "blur", "path": None},
    {"score": 0.9, "keep": False, "drop_stage": "dedup", "path": "d"},
    {"score": None, "keep": True, "drop_stage": "", "path": "e"},
]
TABLE = pa.Table.from_pylist([{**row, "drop_reason": row["drop_stage"]} for row in ROWS])


def choice(**how):
    return choose(TABLE, "score > 0.5", lasting=("dedup",), **how)


def column(found, name):
    return found.table.column(name).to_pylist()


def test_what_fails_goes_with_the_clause_and_the_value():
    found = choice()
    assert column(found, "keep") == [True, False, False, False, False, False]
    assert column(found, "drop_reason")[1] == "not score > 0.5: score is 0.1"
    assert column(found, "drop_reason")[5] == "not score > 0.5: score is not known"


def test_what_was_dropped_before_stays_so_and_is_told_of():
    found = choice()
    assert column(found, "drop_stage")[2:5] == ["blur", "blur", "dedup"]
    assert found.could_come_back == 1


def test_restoring_brings_back_what_has_a_file_and_no_lasting_drop():
    found = choice(restore=True)
    assert column(found, "keep") == [True, False, True, False, False, False]
    assert (found.back, found.without_file) == (1, 1)


@pytest.mark.parametrize("unit", ["clips", "pictures"])
def test_the_words_are_of_the_items_of_the_app(unit):
    summary, lines = describe(choice(restore=True), unit=unit, hint="write them")
    assert lines[0] == f"6 {unit}: 2 kept, 4 dropped (1 come back)"
    assert lines[-1] == "  1 have no file, so they stay dropped; write them"
    assert summary[unit] == 6
