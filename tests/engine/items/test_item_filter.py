"""Filters of items: marks, counts, and what is left alone."""

from dataclasses import dataclass

from curator_engine.items.item import Item
from curator_engine.items.item_filter import ItemFilter
from curator_engine.task import Task


@dataclass(kw_only=True)
class Dark(ItemFilter[Task[list[Item]]]):
    """Drop dark items."""

    min_brightness: float = 0.5
    group = "exposure"

    def items_of(self, task):
        return task.data

    def drop(self, item):
        return "dark" if item.scores["brightness"] < self.min_brightness else None


@dataclass(kw_only=True)
class Items(Task[list[Item]]):
    """Some items."""

    @property
    def num_items(self):
        return len(self.data)


def test_dropped_items_stay_with_their_reason_and_are_counted():
    items = [Item(uuid=str(x), scores={"brightness": x}) for x in (0.1, 0.9)]
    stage = Dark()
    task = Items(data=items)
    assert stage.process(task) is task
    assert [(i.drop_stage, i.drop_reason) for i in items] == [("exposure", "dark"), ("", "")]
    assert stage.take_notes()[1] == {"exposure": 1}


def test_what_was_dropped_before_is_neither_judged_nor_counted():
    item = Item(uuid="a")
    item.drop("dedup", "twin")
    stage = Dark()
    stage.process(Items(data=[item]))
    assert (item.drop_stage, stage.take_notes()[1]) == ("dedup", {})
