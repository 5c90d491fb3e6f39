"""An item and its marks."""

from curator_engine.items.item import Item


def test_the_first_reason_to_drop_stays():
    item = Item(uuid="a")
    item.drop("motion", "still")
    item.drop("dedup", "twin")
    assert (item.drop_stage, item.drop_reason) == ("motion", "still")
