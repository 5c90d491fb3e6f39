"""The page of items: what comes from files is only shown."""

import picture_app
import pytest
from pages import SCRIPT, Page

from curator_engine.files.output_folder import take
from curator_engine.items.item import Item
from curator_engine.items.item_page import build_page
from curator_engine.items.page_data import gather
from curator_engine.running.run_record import write_record

PICTURES = picture_app.PICTURES


@pytest.fixture
def text(tmp_path):
    """The page of a run whose names and reasons try what they can."""
    items = [Item(uuid=name, scores={"brightness": 0.5}) for name in ("a", SCRIPT)]
    items[0].drop(SCRIPT, f"{SCRIPT} 1 < 2")
    items[1].errors["read"] = SCRIPT
    with take(str(tmp_path), job="curate"):
        PICTURES.write(str(tmp_path), PICTURES.of(items, lambda _: {"path": SCRIPT}))
        write_record(str(tmp_path), {"job": "curate", "status": "done"})
    return build_page(gather(str(tmp_path), PICTURES), program="pictures 1")


def test_nothing_of_a_file_is_a_tag(text):
    assert "<script" not in text
    assert SCRIPT in Page(text).text


def test_the_numbers_are_there(text):
    numbers = Page(text).numbers
    assert (numbers["items"], numbers["kept"], numbers["troubles"]) == (2, 1, 1)
    assert numbers["count-brightness"] == 2
