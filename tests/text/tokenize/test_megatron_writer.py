"""Files of tokens as Megatron reads them."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from token_toys import megatron_documents
from tokenizer_toys import save_words

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_text.task import DocumentBatch

Writer: Any = import_module("curator_text.tokenize.megatron_writer").MegatronTokenizerWriter


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    return save_words(tmp_path_factory.mktemp("words"), ["a", "b", "c"], end="</s>")


def batch():
    return DocumentBatch(data=pa.table({"text": ["a b", None, "", "c c c"]}), dataset_name="d")


def test_each_document_is_its_tokens_and_the_end(words, tmp_path):
    writer = Writer(
        str(tmp_path / "out"), model_identifier=words, append_eod=True, tokenization_batch_size=2
    )
    pipeline = Pipeline("p", stages=[writer])
    (made,) = pipeline.run(LocalExecutor(), initial_tasks=[batch()])
    facts = made._metadata
    end = facts["eod_token_id"]
    assert megatron_documents(facts["file_prefix"]) == [[1, 2, end], [end], [3, 3, 3, end]]
    assert (facts["num_tokens"], facts["token_size"], facts["format"]) == (8, 2, "megatron")
    assert [Path(path).suffix for path in made.data] == [".bin", ".idx"]
    assert pipeline.last_run is not None
    assert pipeline.last_run.stages[0].dropped == {"no text": 1}


def test_without_an_end_documents_follow_each_other(words, tmp_path):
    writer = Writer(str(tmp_path / "out"), model_identifier=words)
    writer.setup()
    made = writer.process(batch())
    assert megatron_documents(made._metadata["file_prefix"]) == [[1, 2], [], [3, 3, 3]]
    writer.teardown()


def test_an_end_that_the_tokenizer_lacks_is_refused(tmp_path):
    plain = save_words(tmp_path / "plain", ["a"])
    with pytest.raises(SettingsError, match="has no end-of-text token"):
        Writer(str(tmp_path / "out"), model_identifier=plain, append_eod=True).setup_on_node()
