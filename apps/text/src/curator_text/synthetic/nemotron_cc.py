"""What Nemotron-CC lets a language model write about web pages: NeMo Curator's stages, with prompts of our own.

The prompts follow what the paper says of each task (Su and others, 2024); their words are ours, so answers differ from
those to NeMo Curator's. Give `prompt=` and `system_prompt=` to use others.
"""

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage
from curator_engine.task import TableTask
from curator_text.synthetic.generate import BaseSyntheticStage, Row, with_column

NEMOTRON_CC_SYSTEM_PROMPT = (
    "You help to prepare texts for training. You answer in full sentences, you invent nothing, and you "
    "keep to what the given text says."
)
NEMOTRON_CC_DISTILL_SYSTEM_PROMPT = (
    "You shorten texts. You keep names, numbers, definitions and steps of reasoning, and you leave out "
    "what says nothing."
)
WIKIPEDIA_REPHRASING_PROMPT_TEMPLATE = (
    "Write the text below again in good, clear English, as an article of an encyclopedia would have it. Give "
    "the new text only, without any word before or after it.\n\nText:\n{document}"
)
DIVERSE_QA_PROMPT_TEMPLATE = (
    "Read the text below. Write up to eight questions that it answers, each with its answer. Vary their "
    "form: yes or no, choice of several, open, about numbers, about reasons. Begin with the line "
    '"Here are the questions and answers based on the provided text:", and write each pair as two '
    'lines, "- Question: ..." and "  Answer: ...".\n\nText:\n{document}'
)
DISTILL_PROMPT_TEMPLATE = (
    "Write the text below again, shorter and clear, with all that a reader could learn from it. Keep "
    "technical terms and worked examples. Give the new text only.\n\nText:\n{document}"
)
EXTRACT_KNOWLEDGE_PROMPT_TEMPLATE = (
    "Write what one can learn from the text below, as passages of a text book. Leave out advertising, "
    "navigation and whatever is only about the page itself. Give the passages only.\n\nText:\n{document}"
)
KNOWLEDGE_LIST_PROMPT_TEMPLATE = (
    "List the facts and ideas of the text below, one per line, each line beginning with '- '. Each must be "
    "understood without the others. Give the list only.\n\nText:\n{document}"
)
QA_PREFIX = "Here are the questions and answers based on the provided text:"
_TOKENS_PER_ROUND = 150
"""A text of so many tokens may have `max_num_pairs` pairs, a longer one more."""
_ORDER = (
    "client",
    "model_name",
    "generation_config",
    "system_prompt",
    "prompt",
    "input_field",
    "output_field",
)


@positional(*_ORDER, "name")
@dataclass(kw_only=True)
class WikipediaParaphrasingStage(BaseSyntheticStage):
    """Write each text again as an encyclopedia would have it."""

    system_prompt: str | None = NEMOTRON_CC_SYSTEM_PROMPT
    prompt: str | None = WIKIPEDIA_REPHRASING_PROMPT_TEMPLATE
    input_field: str | None = "text"
    output_field: str | None = "rephrased"
    name: str = "WikipediaParaphrasing"


@positional(*_ORDER, "name")
@dataclass(kw_only=True)
class DistillStage(BaseSyntheticStage):
    """Write each text again, shorter."""

    system_prompt: str | None = NEMOTRON_CC_DISTILL_SYSTEM_PROMPT
    prompt: str | None = DISTILL_PROMPT_TEMPLATE
    input_field: str | None = "text"
    output_field: str | None = "distill"
    name: str = "Distill"


@positional(*_ORDER, "name")
@dataclass(kw_only=True)
class ExtractKnowledgeStage(BaseSyntheticStage):
    """Write what one can learn from each text."""

    system_prompt: str | None = NEMOTRON_CC_SYSTEM_PROMPT
    prompt: str | None = EXTRACT_KNOWLEDGE_PROMPT_TEMPLATE
    input_field: str | None = "text"
    output_field: str | None = "extract_knowledge"
    name: str = "ExtractKnowledge"


@positional(*_ORDER, "name")
@dataclass(kw_only=True)
class KnowledgeListStage(BaseSyntheticStage):
    """List the facts of each text, a line each."""

    system_prompt: str | None = NEMOTRON_CC_SYSTEM_PROMPT
    prompt: str | None = KNOWLEDGE_LIST_PROMPT_TEMPLATE
    input_field: str | None = "text"
    output_field: str | None = "knowledge_list"
    name: str = "KnowledgeList"

    def _process_llm_response(self, response: list[str]) -> str:
        """The list, without its dashes and what stands before it."""
        return tidy_list(response[0] if response else "")


def tidy_list(text: str) -> str:
    """The lines of a list, without dashes and indents; a first line that is no item is left out."""
    lines = text.split("\n")
    items = lines if lines[0].startswith("-") else lines[1:]
    return "\n".join(each[2:].strip() if each.startswith(("  ", "- ")) else each for each in items)


@positional(*_ORDER, "tokenizer", "prefix", "max_num_pairs", "name")
@dataclass(kw_only=True)
class DiverseQAStage(BaseSyntheticStage):
    """Ask for questions with answers, and put some of them after each text."""

    system_prompt: str | None = NEMOTRON_CC_SYSTEM_PROMPT
    prompt: str | None = DIVERSE_QA_PROMPT_TEMPLATE
    input_field: str | None = "text"
    output_field: str | None = "diverse_qa"
    tokenizer: Any = None
    """What has `tokenize(text)`: longer texts get more pairs; None for `max_num_pairs` at most."""
    prefix: str = QA_PREFIX
    """The line before the pairs."""
    max_num_pairs: int = 10
    """Pairs at most, per 150 tokens where there is a tokenizer."""
    name: str = "DiverseQA"

    def kept(self, row: Row, answers: list[str]) -> str:
        """The text and its pairs."""
        text = str(row[self.input_field or ""])
        answer = self._process_llm_response(answers)
        return with_pairs(
            text, answer, prefix=self.prefix, tokenizer=self.tokenizer, most=self.max_num_pairs
        )


def with_pairs(text: str, answer: str, *, prefix: str, tokenizer: Any, most: int) -> str:
    """A text with some of the pairs of an answer after it; nothing if the answer holds none.

    Which pairs, and in which order, is drawn by the text, so it is the same in every run.

    Args:
        text: What was asked about.
        answer: Lines with `Question:` and `Answer:`.
        prefix: A line before them that is left out.
        tokenizer: What counts tokens, or None.
        most: Pairs at most.
    """
    pairs = _pairs(answer, prefix)
    if not pairs:
        return ""
    draw = np.random.default_rng(zlib.crc32(text.encode()))
    if tokenizer is not None:
        most = max(1, most * len(tokenizer.tokenize(text)) // _TOKENS_PER_ROUND)
    order = draw.permutation(len(pairs))[: int(draw.integers(1, most, endpoint=True))]
    return "\n\n".join([text, *(pairs[place] for place in order.tolist())])


def _pairs(answer: str, prefix: str) -> list[str]:
    """Questions with their answers; none if something else stands before the first."""
    lines = [line.strip().removeprefix("- ").strip() for line in answer.split("\n")]
    lines = [line for line in lines if line]
    pairs: list[str] = []
    for line in lines[1:] if lines[:1] == [prefix] else lines:
        if line.startswith("Question:"):
            pairs.append(line)
        elif not pairs:
            return []
        else:
            pairs[-1] += f"\n{line}"
    return pairs


@positional("input_field", "qa_field", "tokenizer", "prefix", "max_num_pairs", "name")
@dataclass(kw_only=True)
class DiverseQAPostProcessingStage(ProcessingStage[TableTask, TableTask]):
    """Put some of the pairs of a column of answers after each text, in that column."""

    input_field: str = "text"
    """Column with the texts."""
    qa_field: str = "diverse_qa"
    """Column with the answers."""
    tokenizer: Any = None
    """What has `tokenize(text)`; see `DiverseQAStage`."""
    prefix: str = QA_PREFIX
    """The line before the pairs."""
    max_num_pairs: int = 10
    """Pairs at most, per 150 tokens where there is a tokenizer."""
    name: str = "DiverseQAPostProcessing"

    def inputs(self) -> tuple[list[str], list[str]]:
        """Texts and answers."""
        return ["data"], [self.input_field, self.qa_field]

    def process(self, task: TableTask) -> TableTask:
        """The batch with texts and pairs."""
        texts: list[Any] = task.data.column(self.input_field).to_pylist()
        answers: list[Any] = task.data.column(self.qa_field).to_pylist()
        options: dict[str, Any] = {"tokenizer": self.tokenizer, "most": self.max_num_pairs}
        made = [
            with_pairs(text or "", answer or "", prefix=self.prefix, **options)
            for text, answer in zip(texts, answers, strict=True)
        ]
        task.data = with_column(task.data, self.qa_field, made)
        return task


@positional("input_field", "name")
@dataclass(kw_only=True)
class KnowledgeListPostProcessingStage(ProcessingStage[TableTask, TableTask]):
    """Take the dashes out of a column of lists."""

    input_field: str = "knowledge_list"
    """Column with the lists."""
    name: str = "KnowledgeListPostProcessing"

    def inputs(self) -> tuple[list[str], list[str]]:
        """The lists."""
        return ["data"], [self.input_field]

    def process(self, task: TableTask) -> TableTask:
        """The batch with tidy lists."""
        lists: list[Any] = task.data.column(self.input_field).to_pylist()
        task.data = with_column(
            task.data, self.input_field, [tidy_list(each or "") for each in lists]
        )
        return task
