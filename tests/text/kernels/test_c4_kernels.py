"""C4's rules on lines, and sentences, against plain Python."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_gopher import c4_lines

from curator_text.filters.c4_lines import C4Lines
from curator_text.filters.documents import Documents

_PARTS = ["ab", "c.", "d!", 'e"', "...", "[1]", "[edit]", "[citation needed]", "[12", "{", "JavaScript", "Lorem ipsum",
          "use cookies", "Terms of Use", "é", "x" * 1001]  # fmt: skip
_TEXTS = st.lists(
    st.tuples(st.sampled_from(_PARTS), st.sampled_from([" ", " ", "", "\n", "\r\n", "\u2029"])),
    max_size=50,
).map(lambda parts: "".join(a + b for a, b in parts))


@settings(max_examples=80)
@given(texts=st.lists(_TEXTS, min_size=1, max_size=6), marks=st.booleans())
def test_lines_that_stay_are_those_of_plain_python(texts, marks):
    left = Documents.of(texts).left_by(C4Lines(need_end_mark=marks))
    plain = [c4_lines(text, marks) for text in texts]
    # Of a document with placeholder text only that is known.
    for place, (text, lorem, curly) in enumerate(plain):
        assert bool(left.placeholders[place]) == bool(lorem)
        if not lorem:
            assert (left.documents.texts[place].as_py(), left.curly[place]) == (text, curly)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("One. Two! Three?", 3),
        ("One\nTwo\nThree", 3),
        ('He said: "no." And went.', 2),
        ("At 3.14 e.g. by Mr. Bean", 1),
        ("One... two", 1),
        ("One.) Two", 2),
        ("One. + two", 2),
    ],
)
def test_sentences_end_behind_a_mark_of_their_own_and_at_line_ends(text, count):
    assert Documents.of([text]).tokens.sentences.tolist() == [count]
