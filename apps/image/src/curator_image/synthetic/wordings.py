"""Ways to ask for text and its places in a picture, and forms of the answers.

A form is what the question says of the answer, and the answer: a model that is trained on them learns to
answer in the form that it is asked for.
"""

import json
from collections.abc import Callable, Sequence

from curator_image.synthetic.ocr_data import OCRDenseItem

type Box = Sequence[int]
"""Left, top, right, bottom."""
type Point = tuple[int, int]
"""From the left, from the top."""

TEXT_AT_BOX = (
    "What is written in the box {}?",
    "Read what stands inside {}.",
    "Which text fills the region {}?",
    "Transcribe the part of the picture at {}.",
    "Tell me the text that the rectangle {} encloses.",
)
TEXT_AT_POINT = (
    "Which text lies at the point {}?",
    "What do you read at {}?",
    "Give the text on which the point {} falls.",
    "Name what is written at position {}.",
)
BOX_OF_TEXT = (
    "Where in the picture is {} written?",
    "Mark the text {}.",
    "Which region holds the text {}?",
    "Find {} and say where it is.",
)
BOXES_OF_TEXT = (
    "Mark every place where {} is written.",
    "Which regions hold the text {}? Name them all.",
    "Find all places of the text {}.",
)
POINT_OF_TEXT = (
    "Point to the middle of the text {}.",
    "At which point is the centre of {}?",
    "Where would you tap to hit the text {}?",
)
POINTS_OF_TEXT = (
    "Point to the middle of each {} in the picture.",
    "Where are the centres of all places with the text {}?",
    "Where would you tap to hit each {}?",
)
ALL_TEXT = (
    "List all text in the picture and where it is.",
    "Read the whole picture: each piece of text with its box.",
    "Which pieces of text does the picture have, and in which regions?",
    "Transcribe the picture piece by piece, with a box for each.",
    "Find every piece of text and give its place.",
)

ORDERS: tuple[tuple[str, Callable[[Point], tuple[float, float]]], ...] = (
    ("", lambda point: (point[1], point[0])),
    ("Go from top to bottom.", lambda point: (point[1], point[0])),
    ("Go from left to right.", lambda point: (point[0], point[1])),
    ("Go from bottom to top.", lambda point: (-point[1], point[0])),
    ("Go from right to left.", lambda point: (-point[0], point[1])),
    (
        "Begin with the one that is nearest to the middle of the picture.",
        lambda point: ((point[0] - 500) ** 2 + (point[1] - 500) ** 2, point[1]),
    ),
)
"""What a question says of the order of several places, and by what they are sorted; the first says nothing."""


def _numbers(values: Sequence[int]) -> str:
    return ", ".join(map(str, values))


def _named(values: Sequence[int], names: Sequence[str]) -> str:
    return json.dumps(dict(zip(names, values, strict=True)))


_SIDES = ("left", "top", "right", "bottom")

BOX_FORMS: tuple[tuple[str, Callable[[Box], str]], ...] = (
    ("Write the box as [left, top, right, bottom].", lambda box: f"[{_numbers(box)}]"),
    ("Write x1, y1, x2, y2 and nothing else.", _numbers),
    ("Answer in JSON with the key bbox_2d.", lambda box: json.dumps({"bbox_2d": list(box)})),
    ("Answer in JSON with the keys left, top, right, bottom.", lambda box: _named(box, _SIDES)),
    ("Put [x1, y1, x2, y2] between <box> and </box>.", lambda box: f"<box>[{_numbers(box)}]</box>"),
)
BOX_LIST_FORMS: tuple[tuple[str, Callable[[Sequence[Box]], str]], ...] = (
    (
        "Write each box as [left, top, right, bottom] on a line of its own.",
        lambda boxes: "\n".join(f"[{_numbers(box)}]" for box in boxes),
    ),
    (
        "Answer with a JSON list of lists of four numbers.",
        lambda boxes: json.dumps([list(b) for b in boxes]),
    ),
    (
        "Answer with a JSON list of objects with the key bbox_2d.",
        lambda boxes: json.dumps([{"bbox_2d": list(box)} for box in boxes]),
    ),
)
POINT_FORMS: tuple[tuple[str, Callable[[Point], str]], ...] = (
    ("Write the point as x, y.", _numbers),
    ("Write the point as [x, y].", lambda point: f"[{_numbers(point)}]"),
    ("Answer in JSON with the keys x and y.", lambda point: _named(point, ("x", "y"))),
    (
        "Put (x, y) between <point> and </point>.",
        lambda point: f"<point>({_numbers(point)})</point>",
    ),
)
POINT_LIST_FORMS: tuple[tuple[str, Callable[[Sequence[Point]], str]], ...] = (
    (
        "Write each point as x, y on a line of its own.",
        lambda points: "\n".join(map(_numbers, points)),
    ),
    ("Answer with a JSON list of [x, y].", lambda points: json.dumps([list(p) for p in points])),
    (
        "Answer with a JSON list of objects with the key point_2d.",
        lambda points: json.dumps([{"point_2d": list(point)} for point in points]),
    ),
)
POINTS_IN_QUESTIONS: tuple[Callable[[Point], str], ...] = (
    lambda point: f"({_numbers(point)})",
    lambda point: f"[{_numbers(point)}]",
    lambda point: f"x={point[0]}, y={point[1]}",
)


def quoted(text: str) -> str:
    """A text as it stands in a question."""
    return json.dumps(text, ensure_ascii=False)


def _records(pieces: Sequence[OCRDenseItem]) -> str:
    rows = [{"bbox_2d": list(each.bbox_2d), "text_content": each.text_content} for each in pieces]
    return json.dumps(rows, ensure_ascii=False)


def _line(text: str) -> str:
    """A text without what would end its line or its column."""
    return " ".join(text.split())


def _table(pieces: Sequence[OCRDenseItem]) -> str:
    cell = r"\|"
    rows = [
        f"| {_line(each.text_content).replace('|', cell)} | {_numbers(each.bbox_2d)} |"
        for each in pieces
    ]
    return "\n".join(["| text | box |", "|---|---|", *rows])


LIST_FORMS: tuple[tuple[str, Callable[[Sequence[OCRDenseItem]], str]], ...] = (
    ("Answer with a JSON list of objects with the keys bbox_2d and text_content.", _records),
    (
        "Put a JSON list with the keys bbox_2d and text_content into a fenced code block.",
        lambda pieces: f"```json\n{_records(pieces)}\n```",
    ),
    (
        "Write a line for each: the text, then its box as [left, top, right, bottom].",
        lambda pieces: "\n".join(
            f"{_line(p.text_content)} [{_numbers(p.bbox_2d)}]" for p in pieces
        ),
    ),
    (
        "Write a line for each: [left, top, right, bottom], a colon, the text.",
        lambda pieces: "\n".join(
            f"[{_numbers(p.bbox_2d)}]: {_line(p.text_content)}" for p in pieces
        ),
    ),
    ("Answer with a Markdown table of the columns text and box.", _table),
    (
        "Write tab-separated lines: text, left, top, right, bottom.",
        lambda pieces: "\n".join(
            "\t".join([_line(p.text_content), *map(str, p.bbox_2d)]) for p in pieces
        ),
    ),
)
"""Forms of all the text of a picture."""
