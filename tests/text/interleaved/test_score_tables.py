"""Rows of measures, and conditions on them."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.interleaved.documents import Document, Part
from curator_text.interleaved.score_tables import Condition, document_row, picture_row

ROWS = [
    {"width": 300, "height": 200, "sharpness": 90.0},
    {"width": 200, "height": 200, "sharpness": None},
    {"width": None, "height": None, "sharpness": None},
]


def test_the_first_part_that_is_not_met_is_the_reason():
    condition = Condition(option="--where-images", text="width >= 300 and sharpness > 100")
    first, second = "not width >= 300", "not sharpness > 100"
    assert condition.reasons(ROWS) == [second, first, first]


def test_without_a_condition_all_are_kept():
    assert Condition(option="--where").reasons(ROWS) == ["", "", ""]


def test_fields_are_compared_as_what_they_are_compared_with():
    condition = Condition(option="--where", text="language == 'en' and year > 2000")
    for fields, reason in (
        ({"language": "en", "year": "2010"}, ""),
        ({"language": "de", "year": 2010}, "not language == 'en'"),
        ({"language": "en"}, "not year > 2000"),
    ):
        row = document_row(Document(id="a", fields=fields), condition.fields)
        assert condition.reasons([row]) == [reason]


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        (
            "--where-images",
            "sharp > 3",
            "--where-images: no column 'sharp'; did you mean sharpness",
        ),
        ("--where", "width > 3", "--where: width is not known of documents"),
        ("--where", "num_chars >", "cannot be read as a condition"),
        ("--where-images", "num_chars > 3", "--where-images: no column 'num_chars'"),
    ],
)
def test_what_cannot_be_decided_is_refused(option, text, said):
    with pytest.raises(SettingsError, match=said):
        Condition(option=option, text=text).check()


def test_rows_say_what_is_known():
    picture = Part(kind="image", name="a.png", data=b"1234")
    row = picture_row(2, picture, {"width": 10, "height": 25})
    assert (row["position"], row["num_bytes"], row["aspect"]) == (2, 4, 2.5)
    assert "width" not in picture_row(0, picture, "the reader took too long")
    text = Part(kind="text", text="One two.")
    row = document_row(Document(id="a", parts=[text, picture, text]))
    assert (row["num_texts"], row["num_images"], row["num_chars"], row["num_words"]) == (
        2,
        1,
        17,
        4,
    )
    assert row["num_bytes"] == 20


def test_rows_that_have_a_reason_keep_it():
    rows = [{"width": 9, "reason": "blurred"}, {"width": 9, "reason": ""}]
    Condition(option="--where-images", text="width > 9").decide(rows)
    assert [row["reason"] for row in rows] == ["blurred", "not width > 9"]
    Condition(option="--where-images").decide(rows)
