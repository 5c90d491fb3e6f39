"""An item: what an app keeps or drops, such as a clip, a picture, a recording or a document."""

from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Item:
    """What the engine knows of an item; an app's own class extends it.

    An item that is dropped stays in its task, with the reason, so that it is written and counted.

    Example:
        @dataclass(kw_only=True)
        class Picture(Item):
            width: int
            height: int
    """

    uuid: str
    """The same for the same input, so that a run that is repeated writes the same files."""
    scores: dict[str, float] = field(default_factory=dict[str, float])
    """By name; each is a column of the table."""
    drop_reason: str = ""
    """Empty if the item is kept."""
    drop_stage: str = ""
    errors: dict[str, str] = field(default_factory=dict[str, str])
    """By stage."""

    def drop(self, stage: str, reason: str) -> None:
        """Mark as dropped; the first reason stays."""
        if not self.drop_reason:
            self.drop_stage, self.drop_reason = stage, reason
