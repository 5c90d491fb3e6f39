"""How many there are of something, in words."""

import pytest

from curator_engine.counted import counted


@pytest.mark.parametrize(
    ("count", "things", "said"),
    [
        (0, "files", "0 files"),
        (1, "files", "1 file"),
        (1, "addresses", "1 address"),
        (1, "copies", "1 copy"),
        (2000, "copies", "2,000 copies"),
    ],
)
def test_one_thing_is_no_many(count, things, said):
    assert counted(count, things) == said
