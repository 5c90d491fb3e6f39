"""NeMo Curator's stage that has a model look at the text that was found in a picture, and makes a conversation of what is right.

The model says how well each box fits, how many letters are wrong, and what is missing. Its answer decides
what is asked about; it is never itself an answer in the conversation.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from curator_engine.models.nv_client import NVInferenceClient
from curator_engine.models.questions import without_thinking
from curator_engine.positional import positional
from curator_image.synthetic.ask_images import ModelProcessingStage, SkipSample
from curator_image.synthetic.dense_qa import check_share, conversation_about
from curator_image.synthetic.ocr_data import OCRConversationData, OCRData, OCRDenseItem
from curator_image.synthetic.sample_pictures import fail, text_data
from curator_image.task import ImageSampleTask

_BATCH = 16
_PROMPT = """\
A program has read the text in this picture. Judge each piece of text that it found, and name what it missed.

The pieces, each with its number, its box and its text. A box is [top, left, bottom, right] in thousandths of
the picture's height and width:
{pieces}

For each piece give:
- bbox_match: a whole number from 0 to 10. 10: the box ends where the text ends. 5: it is off by about one
  letter. 0: the text is elsewhere.
- text_errors: how many letters must be changed, added or taken away so that the text is what the picture says.

Set ocr_mode to "word" if each box holds one word, and to "line" if boxes hold more than that. Under
missing_text name all text that can be read and that no box covers, with its box in the same form.

Answer with this JSON object and nothing else:
{{"ocr_mode": "word", "text": [{{"idx": 0, "bbox_match": 10, "text_errors": 0}}], "missing_text": [{{"text": "...", "bbox_2d": [0, 0, 0, 0]}}]}}
"""


@positional(
    *("model_id", "temperature", "max_tokens", "min_bbox_match", "max_text_errors"),
    *("fail_on_missing_text", "dense_dump_prob", "batch_size", "priority_mode"),
)
@dataclass(kw_only=True)
class OCRScoringQAStage(ModelProcessingStage[OCRData]):
    """Let a model judge the text that was found, and make a conversation of the pieces that pass.

    A sample without text goes on as it is; one of which no piece passes is invalid.

    Example:
        OCRScoringQAStage(client=NVInferenceClient(base_url="http://localhost:8000/v1"), model_id="qwen")
    """

    model_id: str = "nvidia/nemotron-3-nano-omni-30b-a3b-reasoning"
    """Name of the model at the endpoint."""
    temperature: float = 1.0
    max_tokens: int = 16384
    """Of an answer with its thinking, at most."""
    min_bbox_match: int = 5
    """Least bbox_match of a piece that passes, 0 to 10."""
    max_text_errors: int = 0
    """Most wrong letters of a piece that passes."""
    fail_on_missing_text: bool = False
    """Take a picture for invalid if the model sees text that was not found."""
    dense_dump_prob: float = 0.05
    """Share of pictures, of those from which nothing is missing, about which one question is asked: for all
    their text."""
    batch_size: int | None = None
    """Pictures that are asked about together; 16 unless given."""
    priority_mode: bool = False
    """Ask for NVIDIA's faster queue, which costs more."""
    client: Any = None
    """Whom to ask; NVIDIA's endpoint, with the key in NVINFERENCE_API_KEY, unless given."""
    model_name: str = field(default="", init=False)
    name: str = "ocr_scoring_qa"

    def __post_init__(self) -> None:
        check_share(self.name, dense_dump_prob=self.dense_dump_prob)
        if self.client is None:
            self.client = NVInferenceClient(priority_mode=self.priority_mode)
        self.model_name, self.batch_size = self.model_id, self.batch_size or _BATCH

    def build_prompt(self, task: ImageSampleTask[OCRData]) -> str:
        """The question: all pieces with their numbers.

        Raises:
            SkipSample: There is no text.
        """
        data = text_data(task, self.name)
        if not data.ocr_dense:
            raise SkipSample
        pieces = [
            {"idx": number, "bbox_2d": _top_first(each.bbox_2d), "text": each.text_content}
            for number, each in enumerate(data.ocr_dense)
            if len(each.bbox_2d) == 4
        ]
        lines = "\n".join(json.dumps(each, ensure_ascii=False) for each in pieces)
        data.ocr_scoring_prompt = _PROMPT.format(pieces=lines)
        data.ocr_scoring_model = self.model_id
        return data.ocr_scoring_prompt

    def handle_response(
        self, task: ImageSampleTask[OCRData], response: str
    ) -> ImageSampleTask[OCRData]:
        """Mark the pieces, and make the conversation."""
        data = OCRConversationData.of(task.data)
        task.data = data
        data.ocr_scoring_response_raw = response or None
        said = json_object_in(response)
        if said is None:
            fail(data, self.name, f"no JSON object in the answer {response[:200]!r}")
            return task
        data.ocr_scoring_mode = str(said.get("ocr_mode") or "unknown")
        data.ocr_is_word_level = {"word": True, "line": False}.get(
            data.ocr_scoring_mode, data.ocr_is_word_level
        )
        data.ocr_scoring_missing = missing = _objects(said.get("missing_text"))
        self._mark(data.ocr_dense or [], _objects(said.get("text")))
        if self.fail_on_missing_text and missing:
            fail(data, self.name, f"{len(missing)} pieces of text are missing")
        elif not any(each.valid for each in data.ocr_dense or []):
            fail(
                data,
                self.name,
                f"no piece of text has bbox_match of at least {self.min_bbox_match} and at most "
                f"{self.max_text_errors} text_errors",
            )
        else:
            share = 0.0 if missing else self.dense_dump_prob
            data.conversation = conversation_about(data, task.task_id, dense_dump_prob=share)
        return task

    def _mark(self, pieces: Sequence[OCRDenseItem], judged: Sequence[dict[str, Any]]) -> None:
        """Set what the model says of each piece; one of which it says nothing is not valid."""
        by_number = {_whole(each.get("idx")): each for each in judged}
        for number, piece in enumerate(pieces):
            said = by_number.get(number, {})
            fits, errors = _whole(said.get("bbox_match")), _whole(said.get("text_errors"))
            piece.bbox_match, piece.text_errors = fits, errors
            piece.valid = (
                fits is not None
                and errors is not None
                and fits >= self.min_bbox_match
                and 0 <= errors <= self.max_text_errors
            )


def json_object_in(text: str) -> dict[str, Any] | None:
    """The first JSON object in an answer, whatever stands around it; None if there is none."""
    said, decoder = without_thinking(text), json.JSONDecoder()
    place = said.find("{")
    while place >= 0:
        try:
            found, _ = decoder.raw_decode(said, place)
        except (ValueError, RecursionError):
            place = said.find("{", place + 1)
            continue
        return found
    return None


def _objects(given: Any) -> list[dict[str, Any]]:
    return [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []


def _whole(given: Any) -> int | None:
    """A number that a model wrote, as a number or as text."""
    try:
        return None if isinstance(given, bool) else int(float(given))
    except (TypeError, ValueError, OverflowError):
        return None


def _top_first(box: Sequence[int]) -> list[int]:
    left, top, right, bottom = box
    return [top, left, bottom, right]
