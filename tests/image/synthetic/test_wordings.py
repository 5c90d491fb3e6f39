import json

import pytest

from curator_image.synthetic import wordings
from curator_image.synthetic.ocr_data import OCRDenseItem

BOX, POINT = (10, 20, 30, 40), (20, 30)
PIECES = [
    OCRDenseItem(bbox_2d=BOX, text_content="a | b"),
    OCRDenseItem(bbox_2d=(1, 2, 3, 4), text_content="two\twords\nhere"),
]


@pytest.mark.parametrize("number", range(len(wordings.BOX_FORMS)))
def test_a_form_of_a_box_has_its_four_numbers_in_order(number):
    digits = [int(each) for each in _numbers_in(wordings.BOX_FORMS[number][1](BOX))]
    assert digits == list(BOX)


def _numbers_in(text):
    return "".join(each if each.isdigit() else " " for each in text.replace("bbox_2d", "")).split()


def test_lists_of_places_that_are_to_be_json_are_json():
    boxes = [form([BOX]) for said, form in wordings.BOX_LIST_FORMS if "JSON" in said]
    points = [form([POINT]) for said, form in wordings.POINT_LIST_FORMS if "JSON" in said]
    assert len(boxes) == len(points) == 2
    assert all(len(json.loads(answer)) == 1 for answer in boxes + points)


def test_texts_that_hold_marks_do_not_break_lines_and_tables():
    answers = {said: form(PIECES) for said, form in wordings.LIST_FORMS}
    table = next(each for said, each in answers.items() if "Markdown" in said)
    assert table.splitlines()[2] == r"| a \| b | 10, 20, 30, 40 |"
    tabs = next(each for said, each in answers.items() if "tab-separated" in said)
    assert [len(line.split("\t")) for line in tabs.splitlines()] == [5, 5]
    records = next(each for said, each in answers.items() if said.startswith("Answer with a JSON"))
    assert json.loads(records)[1]["text_content"] == "two\twords\nhere"


def test_every_wording_has_room_for_what_it_is_about():
    for name in ("TEXT_AT_BOX", "TEXT_AT_POINT", "BOX_OF_TEXT", "BOXES_OF_TEXT", "POINT_OF_TEXT"):
        assert all(each.count("{}") == 1 for each in getattr(wordings, name))
    assert wordings.quoted('say "hé"') == '"say \\"hé\\""'
