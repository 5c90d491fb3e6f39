"""What a model says of a page, as elements and rows."""

import json

import pytest
from PIL import Image

from curator_text.interleaved.page_elements import (
    build_interleaved_rows,
    interleave_floaters,
    parse_nemotron_output,
)


def said(kind, text="", top=0.0, bottom=0.1):
    return f"<x_0.1><y_{top}>{text}<x_0.9><y_{bottom}><class_{kind}>"


def element(kind, top, text=""):
    return {"class": kind, "text": text, "bbox": [0.0, top, 1.0, top]}


def test_elements_are_read_in_their_order():
    output = said("Title", "# A <b>title</b>", 0.1, 0.2) + said("Picture") + said("Text", "  ")
    assert parse_nemotron_output(f"<s>{output}</s>") == [
        {"class": "Title", "text": "# A title", "bbox": [0.1, 0.1, 0.9, 0.2]},
        {"class": "Picture", "text": "", "bbox": [0.1, 0.0, 0.9, 0.1]},
    ]


@pytest.mark.parametrize(
    ("output", "texts"),
    [
        ("", []),
        ("<s></s>", []),
        ("only <b>text</b>", ["only text"]),
        ("<x_1.2.3><y_0>a<x_1><y_1><class_Text>", ["a"]),
        ("<x_0.1><y_0.1>" * 20_000, []),
        ("<x_0><y_0>" + said("Text", "whole"), ["whole"]),
    ],
)
def test_what_a_model_should_not_say_is_read_as_far_as_it_goes(output, texts):
    assert [each["text"] for each in parse_nemotron_output(output)] == texts


def test_pictures_come_where_they_belong_with_their_captions():
    fixed = [element("Text", 0.1, "a"), element("Text", 0.5, "b"), element("Text", 0.9, "c")]
    low, high = element("Picture", 0.85), element("Picture", 0.15)
    captions = [element("Caption", 0.2, "high"), element("Caption", 0.8, "low")]
    lone = element("Caption", 0.55, "lone")
    found = interleave_floaters(fixed, [low, high, *captions, lone])
    expected = [fixed[0], high, captions[0], fixed[1], lone, fixed[2], low, captions[1]]
    assert found == expected
    assert interleave_floaters(fixed, []) == fixed
    assert interleave_floaters([], [low, high]) == [high, low]


def test_a_document_becomes_rows():
    pages = [Image.new("RGB", (100, 200)), Image.new("RGB", (100, 200))]
    outputs = [
        said("Text", "One", 0.2, 0.3) + said("Picture", "a cat", 0.4, 0.9),
        said("Picture", "", 0.1, 0.101) + said("Table", "|a|", 0.5, 0.6),
    ]
    rows = build_interleaved_rows("s", "http://a", "s.pdf", pages, outputs, (200, 100))
    assert [(row["position"], row["modality"]) for row in rows] == [
        *((-1, "metadata"), (0, "text"), (1, "image"), (2, "table")),
    ]
    assert json.loads(rows[0]["text_content"])["num_pages"] == 2
    assert json.loads(rows[2]["source_ref"]) == {"page": 0, "bbox": [0.1, 0.4, 0.9, 0.9]}
    assert rows[2]["binary_content"].startswith(b"\x89PNG")
    assert (rows[3]["page_number"], rows[3]["element_class"]) == (1, "Table")
    assert {row["url"] for row in rows} == {"http://a"}
    with pytest.raises(ValueError, match="argument 2 is longer"):
        build_interleaved_rows("s", "", "", [], [""])
