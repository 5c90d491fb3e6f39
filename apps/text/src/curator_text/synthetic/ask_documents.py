"""Read documents and ask a model about each: the first step of `generate`.

Writes three files per block: `<task id>.arrow` with a row per document (`id`, which is null where the document has
none; `position`, `length` and `line` as in `sign.py`; what became of it), `<task id>.changes.arrow` with the fields
that rows get, and `<task id>.npz` with `position` by document and `bad`, which removal needs. A document of which a
question got no answer is rejected, as a row that cannot be read is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from curator_engine.device import Device, has_gpu
from curator_engine.models.answer_journal import Reply
from curator_engine.models.asker import Asking
from curator_engine.models.chat_asker import ChatAsker, ChatQuestion, about_tokens
from curator_engine.models.local_asker import Backend, LocalAsker, open_local
from curator_engine.models.token_budget import Usage
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import Rejection
from curator_engine.task import ArrowArray, FileGroupTask
from curator_text.read.blocks_of_text import DocumentBlock, without
from curator_text.removal.array_files import save_table
from curator_text.removal.block_stage import BlockStage, rows_of, save_places
from curator_text.removal.rewrite_documents import CHANGES_ENDING, save_changes
from curator_text.synthetic.answers import score_in, tidied
from curator_text.synthetic.prompt_recipe import PromptRecipe
from curator_text.synthetic.segments import Segment, joined, segments_of
from curator_text.synthetic.service_asker import ServiceAsker, open_service, text_for

ANSWERED: dict[str, Any] = {
    "questions": pa.int64(),
    "tokens_in": pa.int64(),
    "tokens_out": pa.int64(),
    "end": pa.string(),
    "score": pa.float64(),
}
"""What is said of a document."""
_STOP, _LENGTH = "stop", "length"
_SCORE_TOKENS, _DIGITS = 200, 4


@dataclass(kw_only=True)
class _Answered:
    """What became of a document."""

    text: str | None = None
    """The answer; None if nothing was asked."""
    questions: int = 0
    usage: Usage = field(default_factory=Usage)
    end: str | None = None
    score: float | None = None
    reason: str | None = None
    """Why it goes; None if it stays."""
    error: str = ""
    """Why there is no answer."""


@dataclass(kw_only=True)
class AskDocuments(BlockStage):
    """Ask a model about the documents of a file or span, block by block."""

    recipe: PromptRecipe
    asking: Asking
    output_field: str
    """Field for the answers; with `_end`, why they end, and `_score` where the recipe scores."""
    backend: Backend | None = None
    """What runs the model in this process; None where there is an endpoint."""
    service: bool = False
    """Ask a translation service, which is named as the model."""
    device: Device = "auto"
    """Where the model computes, if it is in this process."""
    _asker: ChatAsker | LocalAsker | ServiceAsker | None = field(
        default=None, init=False, repr=False
    )
    _answered: list[_Answered] = field(default_factory=list[_Answered], init=False, repr=False)
    with_ids = True

    def __post_init__(self) -> None:
        if self.backend and (self.device == "gpu" or (self.device == "auto" and has_gpu())):
            self.resources = Resources(cpus=1.0, gpus=1.0)

    def num_workers(self) -> int | None:
        """One: the budget and the pace are those of all questions together."""
        return 1

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Open the journal, and the model if it is in this process."""
        if self.service:
            self._asker = open_service(self.asking)
        elif self.backend is None:
            self._asker = self.asking.open(ChatAsker)
        else:
            self._asker = open_local(self.asking, backend=self.backend, device=self.device)

    def teardown(self) -> None:
        """Close it."""
        if self._asker is not None:
            self._asker.journal.close()
        self._asker = None

    def _pieces(self, task: FileGroupTask) -> Iterator[list[tuple[FileGroupTask, DocumentBlock]]]:
        """The blocks without the documents that got no answer."""
        for pieces in super()._pieces(task):
            texts = [text for _, block in pieces for text in as_strings(block.values)]
            answered = self._ask(texts)
            self._answered, first, left = [], 0, list[tuple[FileGroupTask, DocumentBlock]]()
            for file, block in pieces:
                mine = answered[first : first + len(block.values)]
                first += len(block.values)
                left.append((file, self._without_failed(file, block, mine)))
                self._answered += [each for each in mine if not each.error]
            yield left

    def _without_failed(
        self, file: FileGroupTask, block: DocumentBlock, answered: Sequence[_Answered]
    ) -> DocumentBlock:
        failed = np.array([bool(each.error) for each in answered], np.bool_)
        if not failed.any():
            return block
        for place in np.flatnonzero(failed).tolist():
            reason = f"no answer: {answered[place].error}"
            at = int(block.position[place])
            self.reject(Rejection(file=file.data[0], reason=reason, offset=at))
        return without(block, failed)

    def _ask(self, texts: Sequence[str]) -> list[_Answered]:
        """Ask about texts, and score the answers."""
        if self._asker is None:
            self.setup()
        parts = [parts_of(text, self.recipe) for text in texts]
        flat = [part for each in parts for part in each if part.asked]
        about = text_for if self.service else question_about
        replies = self._replies([about(part.text, self.recipe) for part in flat])
        said = [
            None if reply.error else self._kept(reply.text, part.text)
            for part, reply in zip(flat, replies, strict=True)
        ]
        scores = self._scores(flat, said)
        made, first = list[_Answered](), 0
        for each in parts:
            after = first + sum(part.asked for part in each)
            span = slice(first, after)
            made.append(self._made(each, replies[span], said[span], scores[span]))
            first = after
        return made

    def _kept(self, answer: str, text: str) -> str:
        return answer if self.service else tidied(answer, text, self.recipe)

    def _replies(self, questions: Sequence[Any]) -> list[Reply]:
        return self._asker.ask_all(questions) if self._asker else []

    def _scores(self, parts: Sequence[Segment], said: Sequence[str | None]) -> list[Reply | None]:
        """The replies to the questions about answers; None where there is nothing to score."""
        found: list[Reply | None] = [None] * len(parts)
        if self.recipe.score_prompt:
            places = [place for place, text in enumerate(said) if text]
            questions = [
                ChatQuestion(
                    prompt=self.recipe.asked_for_score(parts[place].text, said[place] or ""),
                    max_tokens=_SCORE_TOKENS,
                )
                for place in places
            ]
            for place, reply in zip(places, self._replies(questions), strict=True):
                found[place] = reply
        return found

    def _made(
        self,
        parts: Sequence[Segment],
        replies: Sequence[Reply],
        said: Sequence[str | None],
        scored: Sequence[Reply | None],
    ) -> _Answered:
        """What became of a document, given those about its parts that were asked about."""
        every = [*replies, *(each for each in scored if each is not None)]
        made = _Answered(questions=len(every))
        for reply in every:
            made.usage += reply.usage
            made.error = made.error or reply.error
        if made.error:
            return made
        if replies:
            made.end = _end_of(replies)
            answers = iter(said)
            filled = [next(answers) if part.asked else None for part in parts]
            made.text = _text_of(parts, filled, self.recipe)
            made.score = self._score(scored)
        elif self.recipe.carry:
            made.text = "".join(joined(parts, [None] * len(parts)))
        made.reason = self._reason(made, said)
        return made

    def _score(self, scored: Sequence[Reply | None]) -> float | None:
        found = [
            score_in(each.text, self.recipe.score_names) for each in scored if each is not None
        ]
        known = [each for each in found if each is not None]
        return round(sum(known) / len(known), _DIGITS) if known else None

    def _reason(self, made: _Answered, said: Sequence[str | None]) -> str | None:
        """Why a document goes; None if it stays."""
        if not made.questions and not self.recipe.carry:
            return f"too short: nothing of {self.recipe.min_tokens} tokens to ask about"
        if said and not all(said) and (self.recipe.carry or not any(said)):
            return "no use: the answer is a refusal or empty"
        if said and about_tokens(made.text or "") < self.recipe.min_answer_tokens:
            return f"short answer: fewer than {self.recipe.min_answer_tokens} tokens"
        least = self.recipe.min_score
        if least is not None and made.score is not None and made.score < least:
            return f"low score: {made.score:g} is below {least:g}"
        return None

    def write(self, stem: str, block: DocumentBlock) -> None:
        """Write what became of the documents of a block."""
        found, count = self._answered, len(block.position)
        columns: dict[str, Any] = {
            **rows_of(block),
            "questions": [each.questions for each in found],
            "tokens_in": [each.usage.tokens_in for each in found],
            "tokens_out": [each.usage.tokens_out for each in found],
            "end": pa.array([each.end for each in found], pa.string()),
            "score": pa.array([each.score for each in found], pa.float64()),
            "reason": pa.array([each.reason for each in found], pa.string()),
        }
        save_table(f"{stem}.arrow", pa.table(columns))
        texts = pa.array([each.text for each in found], pa.large_string())
        values = {"": texts, "_end": columns["end"], "_score": columns["score"]}
        fields: Any = {
            name: values[name.removeprefix(self.output_field)]
            for name in answer_fields(self.output_field, self.recipe)
        }
        save_changes(f"{stem}{CHANGES_ENDING}", np.arange(count), fields)
        save_places(stem, block)


def answer_fields(output_field: str, recipe: PromptRecipe) -> dict[str, Any]:
    """The fields that rows get, with their types."""
    found: dict[str, Any] = {output_field: pa.string(), f"{output_field}_end": pa.string()}
    if recipe.score_prompt:
        found[f"{output_field}_score"] = pa.float64()
    return found


def as_strings(texts: ArrowArray) -> list[str]:
    """The texts, of which none is null, one by one."""
    plain: list[Any] = texts.to_pylist()
    return plain


def parts_of(text: str, recipe: PromptRecipe) -> list[Segment]:
    """The parts of a text, as a recipe wants them."""
    return segments_of(
        text,
        most_tokens=recipe.segment_tokens,
        least_tokens=recipe.min_tokens,
        carry=recipe.carry,
    )


def question_about(text: str, recipe: PromptRecipe) -> ChatQuestion:
    """The question about a part of a text."""
    return ChatQuestion(
        prompt=recipe.asked(text),
        system=recipe.told,
        max_tokens=recipe.max_tokens,
        temperature=recipe.temperature,
    )


def _end_of(replies: Sequence[Reply]) -> str:
    """Why the answers end: cut by length if one of them is."""
    ends = [reply.end or _STOP for reply in replies]
    other = [end for end in ends if end != _STOP]
    return _LENGTH if _LENGTH in other else next(iter(other), _STOP)


def _text_of(parts: Sequence[Segment], answers: Sequence[str | None], recipe: PromptRecipe) -> str:
    if recipe.carry:
        return joined(parts, answers)
    return recipe.joined_by.join(answer for answer in answers if answer)
