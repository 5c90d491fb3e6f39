"""Questions and answers about the text in a picture and where it is, made of what a recogniser found.

What is drawn, the questions and their forms, follows from the task's id: a run gives the same again. The
wordings are `wordings.py`'s.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from curator_engine.errors import SettingsError
from curator_engine.stage import ProcessingStage
from curator_image.synthetic.conversation import ConversationSample, ImageMedia, Message
from curator_image.synthetic.ocr_data import OCRConversationData, OCRData, OCRDenseItem
from curator_image.synthetic.wordings import (
    ALL_TEXT,
    BOX_FORMS,
    BOX_LIST_FORMS,
    BOX_OF_TEXT,
    BOXES_OF_TEXT,
    LIST_FORMS,
    ORDERS,
    POINT_FORMS,
    POINT_LIST_FORMS,
    POINT_OF_TEXT,
    POINTS_IN_QUESTIONS,
    POINTS_OF_TEXT,
    TEXT_AT_BOX,
    TEXT_AT_POINT,
    Box,
    Point,
    quoted,
)
from curator_image.task import ImageSampleTask

MOST_PAIRS = 100
"""Questions of a conversation."""
_MOST_INVALID = 3
"""Pieces that were found wrong, from which on no place of a text is asked for: it might be there once more."""

type Tagged = tuple[str, str, str]
"""The kind of a question, the question, the answer."""
type _Draw = random.Random
type _Ask = Callable[[_Draw, str, Sequence[Box]], tuple[str, str]]


def build_qa_tagged(data: OCRData, task_id: str) -> tuple[list[Tagged], random.Random]:
    """A question about each text of a picture: what is at a place, or where a text is.

    Args:
        data: With `ocr_dense`; pieces that are not valid are not asked about.
        task_id: From which the draw follows.

    Returns:
        The questions in the order of the texts, and the generator, which goes on from there.
    """
    draw = random.Random(task_id)
    places: dict[str, list[Box]] = {}
    pieces = data.ocr_dense or []
    for piece in pieces:
        text = piece.text_content.strip()
        if piece.valid and text and len(piece.bbox_2d) == 4:
            places.setdefault(text, []).append(piece.bbox_2d)
    kinds = list(_KINDS)
    if sum(not piece.valid for piece in pieces) >= _MOST_INVALID:
        kinds = [kind for kind in kinds if not kind.startswith("text_to")]
    tagged: list[Tagged] = []
    for text, boxes in places.items():
        kind = draw.choice(kinds)
        tagged.append((kind, *_KINDS[kind](draw, text, boxes)))
    return tagged, draw


def build_conversation(
    qa_tagged: Sequence[Tagged], rng: random.Random, image_name: str
) -> ConversationSample | None:
    """A conversation of up to 100 questions, as many of each kind; None if there is no question.

    Args:
        qa_tagged: The questions.
        rng: Draws those that stay, where there are more.
        image_name: Name of the picture, which stands before the first question.
    """
    pairs = [(question, answer) for _, question, answer in qa_tagged]
    if len(pairs) > MOST_PAIRS:
        pairs = _balanced(qa_tagged, rng)
    return _conversation(pairs, image_name) if pairs else None


def build_dense_conversation(
    words: Sequence[OCRDenseItem], rng: random.Random, image_name: str
) -> ConversationSample:
    """One question about all the text of a picture: for pictures of which no text is missing.

    Args:
        words: The pieces.
        rng: Draws the wording and the form of the answer.
        image_name: Name of the picture.
    """
    said, form = rng.choice(LIST_FORMS)
    return _conversation([(f"{rng.choice(ALL_TEXT)} {said}", form(words))], image_name)


def conversation_about(
    data: OCRData, task_id: str, *, dense_dump_prob: float
) -> ConversationSample | None:
    """A conversation about the valid pieces of a picture; None if there is none.

    Args:
        data: With `ocr_dense`.
        task_id: From which the draw follows.
        dense_dump_prob: Probability of one question about all the text instead of many.
    """
    name = str(data.image_path).rpartition("/")[2]
    pieces = [piece for piece in data.ocr_dense or [] if piece.valid]
    draw = random.Random(task_id)
    if pieces and draw.random() < dense_dump_prob:
        return build_dense_conversation(pieces, draw, name)
    return build_conversation(*build_qa_tagged(data, task_id), name)


@dataclass(kw_only=True)
class OCRDenseQAStage(ProcessingStage[ImageSampleTask[OCRData], ImageSampleTask[OCRData]]):
    """Make a conversation about the text that a recogniser has found in a picture; no model is asked.

    Nothing looks whether the text is right: `OCRScoringQAStage` has a model do that first.

    Example:
        OCRDenseQAStage(dense_dump_prob=0.05)
    """

    dense_dump_prob: float = 0.0
    """Share of pictures about which one question is asked: for all their text. Above 0 only if the
    recogniser is trusted to find all of it."""
    name: str = "ocr_dense_qa"

    def __post_init__(self) -> None:
        check_share(self.name, dense_dump_prob=self.dense_dump_prob)

    def process(self, task: ImageSampleTask[OCRData]) -> ImageSampleTask[OCRData]:
        """Set the conversation; a picture without text has none."""
        if not task.data.is_valid:
            return task
        data = OCRConversationData.of(task.data)
        data.conversation = conversation_about(
            data, task.task_id, dense_dump_prob=self.dense_dump_prob
        )
        twin = task.fork()
        twin.data = data
        return twin


def check_share(stage: str, **given: float) -> None:
    """Look whether settings are shares.

    Raises:
        SettingsError: One is not from 0 to 1.
    """
    for name, value in given.items():
        if not 0 <= value <= 1:
            raise SettingsError(f"{stage} needs {name} from 0 to 1, not {value}.")


def _text_at_box(draw: _Draw, text: str, boxes: Sequence[Box]) -> tuple[str, str]:
    box = ", ".join(map(str, draw.choice(boxes)))
    return draw.choice(TEXT_AT_BOX).format(f"[{box}]"), text


def _text_at_point(draw: _Draw, text: str, boxes: Sequence[Box]) -> tuple[str, str]:
    point = draw.choice(POINTS_IN_QUESTIONS)(_middle(draw.choice(boxes)))
    return draw.choice(TEXT_AT_POINT).format(point), text


def _box_of_text(draw: _Draw, text: str, boxes: Sequence[Box]) -> tuple[str, str]:
    if len(boxes) == 1 and draw.random() < 0.5:
        said, form = draw.choice(BOX_FORMS)
        return f"{_about(draw, BOX_OF_TEXT, text)} {said}", form(boxes[0])
    order, key = draw.choice(ORDERS)
    said, list_form = draw.choice(BOX_LIST_FORMS)
    listed = sorted(boxes, key=lambda box: key(_middle(box)))
    return _joined(_about(draw, BOXES_OF_TEXT, text), order, said), list_form(listed)


def _point_of_text(draw: _Draw, text: str, boxes: Sequence[Box]) -> tuple[str, str]:
    points = [_middle(box) for box in boxes]
    if len(points) == 1 and draw.random() < 0.5:
        said, form = draw.choice(POINT_FORMS)
        return f"{_about(draw, POINT_OF_TEXT, text)} {said}", form(points[0])
    order, key = draw.choice(ORDERS)
    said, list_form = draw.choice(POINT_LIST_FORMS)
    return _joined(_about(draw, POINTS_OF_TEXT, text), order, said), list_form(
        sorted(points, key=key)
    )


_KINDS: dict[str, _Ask] = {
    "bbox_to_text": _text_at_box,
    "point_to_text": _text_at_point,
    "text_to_bbox": _box_of_text,
    "text_to_point": _point_of_text,
}


def _about(draw: _Draw, wordings: Sequence[str], text: str) -> str:
    return draw.choice(wordings).format(quoted(text))


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _middle(box: Box) -> Point:
    return (int(box[0]) + int(box[2])) // 2, (int(box[1]) + int(box[3])) // 2


def _balanced(tagged: Sequence[Tagged], draw: _Draw) -> list[tuple[str, str]]:
    """As many of each kind as there may be, drawn, in turns."""
    by_kind: dict[str, list[tuple[str, str]]] = {}
    for kind, question, answer in tagged:
        by_kind.setdefault(kind, []).append((question, answer))
    for pairs in by_kind.values():
        draw.shuffle(pairs)
    turns = chain.from_iterable(zip_longest(*(by_kind[kind] for kind in sorted(by_kind))))
    return [pair for pair in turns if pair is not None][:MOST_PAIRS]


def _conversation(pairs: Sequence[tuple[str, str]], image_name: str) -> ConversationSample:
    messages: list[Message] = []
    for question, answer in pairs:
        picture = [] if messages else [ImageMedia(value=image_name)]
        messages.append(Message(sender="user", fragments=[*picture, question]))
        messages.append(Message(sender="assistant", fragments=[answer]))
    return ConversationSample(conversation=messages)
