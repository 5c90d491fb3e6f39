"""Words are found where `str.split` finds them."""

import pytest

from curator_text.filters.documents import Documents


def words_of(text):
    documents = Documents.of([text])
    begin, stop, chars, ids, _ = documents._find_words()
    raw = text.encode()
    count = int(documents["words"][0])
    found = [raw[a:b].decode() for a, b in zip(begin[:count], stop[:count], strict=True)]
    return found, chars[:count].tolist(), ids[:count].tolist()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a",
        " a  b\t\nc ",
        "naïve\u2003café\u00a0中文\u3000x",
        "\x1c\x85a\u2029",
        "😀 😁 😀",
        "ab" * 40,
    ],
)
def test_words_lie_between_white_space(text):
    found, chars, ids = words_of(text)
    assert found == text.split()
    assert chars == [len(word) for word in found]
    assert ids == [list(dict.fromkeys(found)).index(word) for word in found]


@pytest.mark.parametrize(
    ("text", "symbols"), [("# ## a", 1), ("... …", 2), ("#a", 0), ("#a# b", 1), ("[...] [....]", 1)]
)
def test_symbols_are_ellipses_and_words_with_more_runs_of_hash_signs_than_half_of_them(
    text, symbols
):
    assert Documents.of([text])["symbol_words"].tolist() == [symbols]


def test_three_dots_are_counted_without_overlap():
    assert Documents.of(["....... … .. ."])["ellipses"].tolist() == [3]
