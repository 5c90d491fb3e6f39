"""Filters of items: an item that is dropped stays in its task with the reason, and is written with its scores."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar

from curator_engine.items.item import Item
from curator_engine.stage import ProcessingStage
from curator_engine.task import Task


class ItemFilter[T: Task[Any]](ProcessingStage[T, T]):
    """Mark items as dropped: write `items_of` once per app, and `drop` per filter.

    Drops are counted by what items were dropped as; the rows are written by `ItemTable`. Items that
    an earlier stage has dropped are not asked about.

    Example:
        @dataclass(kw_only=True)
        class ShortClips(ClipFilter):
            min_seconds: float = 2.0
            group = "length"

            def drop(self, item: Clip) -> str | None:
                return "short" if item.duration < self.min_seconds else None
    """

    group: ClassVar[str] = ""
    """What items are dropped as, such as motion."""

    def items_of(self, task: T) -> Sequence[Item]:
        """The items of a task."""
        raise NotImplementedError(f"{type(self).__name__} does not define items_of().")

    def drop(self, item: Any) -> str | None:
        """Why this item goes, or None to keep it."""
        raise NotImplementedError(f"{type(self).__name__} does not define drop().")

    def judge(self, item: Any) -> tuple[str, str] | None:
        """What an item is dropped as, and why; for filters that drop as several things."""
        reason = self.drop(item)
        return None if reason is None else (self.group or self.name, reason)

    def process(self, task: T) -> T:
        """Mark the items, and count them."""
        counts: Counter[str] = Counter()
        for item in self.items_of(task):
            verdict = None if item.drop_reason else self.judge(item)
            if verdict is not None:
                item.drop(*verdict)
                counts[verdict[0]] += 1
        self.count_drops(dict(counts))
        return task
