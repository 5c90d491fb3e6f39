"""What is known of the text in a picture: its pieces with their places, and conversations about them.

Places are thousandths of the picture's width and height, from the top left corner.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

from curator_engine.errors import InputError
from curator_image.synthetic.conversation import ConversationSample
from curator_image.task import ImageTaskData

SCALE = 1000
"""Of places: the picture's width, and its height."""


@dataclass(kw_only=True)
class OCRDenseItem:
    """A piece of text: a word, a line or a block.

    Example:
        >>> OCRDenseItem(bbox_2d=(10, 20, 110, 60), text_content="STOP").bbox_2d
        [10, 20, 110, 60]
    """

    bbox_2d: Sequence[int]
    """Left, top, right, bottom; kept as a list."""
    text_content: str
    quad: list[tuple[int, int]] | None = None
    """Its four corners, where it is not upright."""
    valid: bool = True
    """Whether nothing has found it wrong."""
    bbox_match: int | None = None
    """How well the box fits, 0 to 10, as a model says."""
    text_errors: int | None = None
    """Letters that are wrong, missing or too many, as a model says."""

    def __post_init__(self) -> None:
        self.bbox_2d = list(self.bbox_2d)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The piece of a record; what the record lacks is as it is unless given."""
        known: dict[str, Any] = {
            each.name: data[each.name] for each in fields(cls) if each.name in data
        }
        known["bbox_2d"] = known.get("bbox_2d") or [0, 0, 0, 0]
        known["text_content"] = str(known.get("text_content") or "")
        return cls(**known)

    @staticmethod
    def join(items: "Iterable[OCRDenseItem]", separator: str = " ") -> "OCRDenseItem":
        """One piece of several: the box around all, and their texts in order; an invalid one of none."""
        given = list(items)
        if not given:
            return OCRDenseItem(bbox_2d=[0, 0, 0, 0], text_content="", valid=False)
        lefts, tops, rights, bottoms = zip(*(each.bbox_2d for each in given), strict=True)
        return OCRDenseItem(
            bbox_2d=[min(lefts), min(tops), max(rights), max(bottoms)],
            text_content=separator.join(each.text_content for each in given),
        )


@dataclass(kw_only=True)
class OCRData(ImageTaskData):
    """A picture and the text in it."""

    ocr_is_word_level: bool = True
    """Whether the pieces are words; else they are lines."""
    ocr_dense_prompt: str | None = None
    """What a model was asked for them, where it was one."""
    ocr_dense: list[OCRDenseItem] | None = None
    """The pieces; None before they were looked for."""
    ocr_scoring_prompt: str | None = None
    ocr_scoring_model: str | None = None
    ocr_scoring_response_raw: str | None = None
    ocr_scoring_mode: str | None = None
    """What the scoring model takes the pieces for: word or line."""
    ocr_scoring_missing: list[dict[str, Any]] | None = None
    """Text that it sees and no piece has: `text` and `bbox_2d`, the latter as top, left, bottom, right."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The data of a record, as `JsonlSampleWriterStage` writes it; unknown fields are passed over.

        Raises:
            InputError: It has no path.
        """
        known = {each.name: data[each.name] for each in fields(cls) if each.name in data}
        if not known.get("image_path"):
            raise InputError("a record of a picture has an image_path.")
        known["image_path"] = Path(known["image_path"])
        if isinstance(pieces := known.get("ocr_dense"), list):
            known["ocr_dense"] = [
                each if isinstance(each, OCRDenseItem) else OCRDenseItem.from_dict(each)
                for each in pieces
            ]
        return cls(**known)


@dataclass(kw_only=True)
class OCRConversationData(OCRData):
    """The same with a conversation about it."""

    conversation: ConversationSample | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields by name, for JSON."""
        talk = self.conversation.to_dict() if self.conversation else None
        return {**asdict(self), "conversation": talk}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The data of a record.

        Raises:
            InputError: It has no path, or a conversation of another form.
        """
        found = super().from_dict({k: v for k, v in data.items() if k != "conversation"})
        if data.get("conversation"):
            found.conversation = ConversationSample.from_dict(data["conversation"])
        return found

    @classmethod
    def of(cls, data: OCRData) -> Self:
        """The data without a conversation yet; one that has room for it is returned itself."""
        if isinstance(data, cls):
            return data
        return cls(**{each.name: getattr(data, each.name) for each in fields(OCRData)})
