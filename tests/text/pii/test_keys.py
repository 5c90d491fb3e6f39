"""Checks of tokens; tests/text/pii/test_find.py has many of them in texts."""

import pytest

from curator_text.pii.keys import is_token


@pytest.mark.parametrize(
    ("text", "before", "expected"),
    [
        (b"AKIAIOSFODNN7EXAMPLE", b" ", True),
        (b"AKIAIOSFODNN7EXAMPLE", b"_", False),
        (b"sk-abcdefghijklmnopqrstuvwxyz", b"", False),
        (b"sk-Abcdefghijklmnopqrst12345", b"", True),
        (b"eyJub3RhbGciOjF9.eyJhIjoxfQ00.abcdefgh", b"", False),
    ],
)
def test_a_token_stands_alone_and_has_its_form(text, before, expected):
    assert is_token(text, before) == expected
