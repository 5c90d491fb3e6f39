"""Hashing pieces of texts."""

import pyarrow as pa
import pytest

from curator_text.read.columns import utf8
from curator_text.repeats.hash_pieces import HashUnits, HashWindows, gram_of


def test_there_is_room_for_as_many_pieces_as_there_are():
    text = "a" * 5000
    stage = HashWindows(path="", window=16)
    columns = stage.hashed(*utf8(pa.array([text], pa.large_string())))
    assert columns[4].sum() == 5000 - 15
    lines = HashUnits(path="", unit="line", least=1)
    columns = lines.hashed(*utf8(pa.array(["a\n" * 5000], pa.large_string())))
    assert len(columns[0]) == 5000


@pytest.mark.parametrize("window", [16, 17, 200, 100_000])
def test_a_gram_fits_into_a_window(window):
    assert 1 <= gram_of(window) <= window // 2
