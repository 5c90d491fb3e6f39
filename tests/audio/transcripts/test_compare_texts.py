import json

import pyarrow.parquet as pq
import pytest

from curator_audio.transcripts.compare_texts import CompareTexts, TextFields, read_references
from curator_engine.errors import BudgetExceededError, InputError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.task import FileGroupTask


def written(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_references_of_another_file_are_found_by_ids(tmp_path):
    heard = written(tmp_path / "heard.jsonl", {"id": "a", "text": "tea"}, {"id": "b", "text": "x"})
    said = written(tmp_path / "said.jsonl", {"audio_filepath": "in/a.wav", "text": "tee"})
    stage = CompareTexts(parts=str(tmp_path / "parts"), references=[said])
    stage.setup()
    [part] = stage.process(FileGroupTask(data=[heard], task_id="0")).data
    rows = pq.read_table(part).to_pylist()
    assert [(row["id"], row["wer"], row["problem"]) for row in rows] == [
        ("a", 1.0, None),
        ("b", None, "no reference"),
    ]
    stage.teardown()


def test_named_fields_count_alone():
    fields = TextFields(reference="said", hypothesis="heard")
    assert fields.reference_in({"text": "a"}) is None
    assert fields.hypothesis_in({"heard": "", "text": "a"}, alone=True) == ""
    assert TextFields().hypothesis_in({"text": "a"}) is None


def test_two_texts_of_one_id_are_refused(tmp_path):
    twice = written(tmp_path / "a.jsonl", {"id": "a", "text": "x"}, {"id": "a", "text": "y"})
    with pytest.raises(InputError, match="two texts for 'a'"):
        read_references([twice], TextFields())
    nameless = written(tmp_path / "b.jsonl", {"text": "x"})
    with pytest.raises(InputError, match="no texts with ids"):
        read_references([nameless], TextFields())


def test_of_two_rows_one_that_is_none_is_half(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a", "pred_text": "a"}\n[1]\n', encoding="utf-8")
    executor = LocalExecutor({"on_error": "quarantine", "max_rejected_ratio": 0.4})
    stage = CompareTexts(parts=str(tmp_path / "parts"))
    with pytest.raises(BudgetExceededError, match="1 of 2 rows cannot be read"):
        Pipeline("compare", stages=[stage]).run(executor, [FileGroupTask(data=[str(path)])])
