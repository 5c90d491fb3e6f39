"""Segments of a text make the text again."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator_engine.errors import SettingsError
from curator_text.synthetic.segments import joined
from curator_text.synthetic.translation_segments import (
    ReassemblyStage,
    SegmentationStage,
    is_line_translatable_content,
    segments,
    split_into_sentences_with_structure,
)
from curator_text.task import DocumentBatch


@given(st.text("ab. !\n。`1", max_size=40), st.sampled_from(["fine", "coarse"]))
def test_segments_make_the_text_again(text, mode):
    found = segments(text, mode)
    assert joined(found, [None] * len(found)) == text


def test_sentences_end_at_marks_also_of_chinese():
    found = [each.text for each in segments("One. Two? 三。四", "fine")]
    assert found == ["One.", "Two?", "三。", "四"]


def test_a_segment_without_a_translation_stays_and_is_counted():
    batch = DocumentBatch(data=pa.table({"text": ["one. two."]}))
    cut = SegmentationStage(mode="fine").process(batch)
    made = pa.array([["EINS.", None]], pa.list_(pa.string()))
    cut.data = cut.data.append_column("_translated", made)
    [row] = ReassemblyStage(replace_source_fields=True).process(cut).data.to_pylist()
    assert row["text"] == row["translated_text"] == "EINS. two."
    assert row["translation_errors"] == "1 segments have no translation"


def test_modes_are_two():
    other: dict[str, Any] = {"mode": "medium"}
    with pytest.raises(SettingsError, match="not coarse or fine"):
        SegmentationStage(**other)


@pytest.mark.parametrize(
    "text", ["One. Two!\nThree\n", "", "\n\n", "One.  Two", "\u4f60\u597d\u3002\u518d\u89c1\u3002"]
)
def test_sentences_with_what_follows_them_are_the_text(text):
    found = split_into_sentences_with_structure(text)
    assert "".join(a + b for a, b in found) == text


def test_sentences_are_cut_at_their_ends():
    found = split_into_sentences_with_structure("One. Two!\nThree")
    assert found == [("One.", " "), ("Two!", "\n"), ("Three", "")]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("Hello", True),
        ("12 + 3", False),
        ("<tag a>", False),
        ('{"a": 1}', False),
        ("[x] done", True),
    ],
)
def test_lines_without_anything_to_translate_are_known(line, wanted):
    assert is_line_translatable_content(line) is wanted
