"""What a model is asked to make of web pages, and what is kept of its answers."""

from importlib import import_module
from typing import Any

import pyarrow as pa
import pytest

from curator_engine.models.llm_client import LLMClient
from curator_text.synthetic.nemotron_cc import QA_PREFIX, tidy_list, with_pairs
from curator_text.task import DocumentBatch

stages: Any = import_module("curator_text.synthetic.nemotron_cc")
PAIRS = f"{QA_PREFIX}\n- Question: a?\n  Answer: b.\n\n- Question: c?\n- Answer: d."


class Says(LLMClient):
    """A client of one's own that always says the same."""

    def __init__(self, text):
        self.text, self.asked = text, []

    def setup(self):
        pass

    def query_model(self, *, messages, model, conversation_formatter=None, generation_config=None):
        self.asked += messages
        return [self.text]


def batch(**columns):
    return DocumentBatch(data=pa.table(columns))


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("WikipediaParaphrasingStage", "rephrased"),
        ("DistillStage", "distill"),
        ("ExtractKnowledgeStage", "extract_knowledge"),
        ("KnowledgeListStage", "knowledge_list"),
    ],
)
def test_each_task_has_its_prompt_and_column(name, column):
    client = Says("- an answer")
    made = getattr(stages, name)(client, "m").process(batch(text=["THE TEXT"]))
    expected = "an answer" if name == "KnowledgeListStage" else "- an answer"
    assert made.data.column(column).to_pylist() == [expected]
    assert client.asked[-1]["content"].endswith("Text:\nTHE TEXT")


def test_a_list_loses_its_dashes_and_what_stands_before_it():
    assert tidy_list("Here it is:\n- one\n  more of one\n- two") == "one\nmore of one\ntwo"
    assert tidy_list("- one\nplain") == "one\nplain"
    made = stages.KnowledgeListPostProcessingStage().process(batch(knowledge_list=["- x", None]))
    assert made.data.column("knowledge_list").to_pylist() == ["x", ""]


def test_pairs_come_after_the_text_and_are_the_same_in_each_run():
    found = {
        with_pairs(f"t{n}", PAIRS, prefix=QA_PREFIX, tokenizer=None, most=2) for n in range(20)
    }
    both = [text for text in found if "a?" in text and "c?" in text]
    assert 0 < len(both) < 20
    assert all("\n\nQuestion: " in text for text in found)
    again = {
        with_pairs(f"t{n}", PAIRS, prefix=QA_PREFIX, tokenizer=None, most=2) for n in range(20)
    }
    assert again == found
    assert "Question: a?\nAnswer: b." in both[0]


def test_an_answer_without_pairs_leaves_nothing():
    for answer in ("", "I cannot.", f"{QA_PREFIX}\nAnswer: x"):
        assert with_pairs("t", answer, prefix=QA_PREFIX, tokenizer=None, most=2) == ""


def test_a_tokenizer_gives_longer_texts_more_pairs():
    class Words:
        def tokenize(self, text):
            return text.split()

    short = with_pairs("w", PAIRS, prefix=QA_PREFIX, tokenizer=Words(), most=2)
    assert short.count("Question:") == 1
    long = [
        with_pairs(f"{n} " * 400, PAIRS, prefix=QA_PREFIX, tokenizer=Words(), most=1)
        for n in range(9)
    ]
    assert max(text.count("Question:") for text in long) == 2


def test_pairs_are_asked_for_or_taken_from_a_column():
    asked = stages.DiverseQAStage(Says(PAIRS), "m").process(batch(text=["t", None]))
    taken = stages.DiverseQAPostProcessingStage().process(batch(text=["t"], diverse_qa=[PAIRS]))
    assert asked.data.column("diverse_qa").to_pylist()[1] is None
    assert (
        taken.data.column("diverse_qa").to_pylist()
        == asked.data.column("diverse_qa").to_pylist()[:1]
    )
