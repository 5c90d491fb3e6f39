"""What does not count when texts are compared."""

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator_text.read.normalize import normalized


@pytest.mark.parametrize(
    ("how", "text", "want"),
    [
        ("off", " A  b\n", " A  b\n"),
        ("whitespace", " A\u00a0 b\r\n\tc\u2003", "A b c"),
        ("whitespace", " \n ", ""),
        ("nfc_lower_whitespace", "CAFE\u0301  Über", "café über"),
    ],
)
def test_a_text_in_the_form_in_which_it_is_compared(how, text, want):
    for kind in (pa.string(), pa.large_string()):
        assert normalized(pa.array([text], kind), how).to_pylist() == [want]


@given(st.lists(st.text()))
def test_white_space_is_what_python_takes_for_it(texts):
    want = [" ".join(text.split()) for text in texts]
    assert normalized(pa.array(texts, pa.string()), "whitespace").to_pylist() == want


@given(st.text(alphabet="aAéÉ\u0301 \n"))
def test_composed_and_decomposed_accents_are_equal(text):
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    first, second = normalized(pa.array(forms), "nfc_lower_whitespace").to_pylist()
    assert first == second


def test_texts_of_ascii_and_others_stay_in_their_places():
    texts = pa.array(["A", "E\u0301", "b", "文"])
    assert normalized(texts, "nfc_lower_whitespace").to_pylist() == ["a", "é", "b", "文"]
    assert normalized(texts.slice(1, 2), "nfc_lower_whitespace").to_pylist() == ["é", "b"]


@pytest.mark.parametrize("how", ["whitespace", "nfc_lower_whitespace"])
def test_no_texts_are_no_texts(how):
    for kind in (pa.string(), pa.large_string()):
        assert normalized(pa.array([], kind), how).to_pylist() == []
