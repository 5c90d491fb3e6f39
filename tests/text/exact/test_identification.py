"""The ids of documents with the same text."""

import json
from importlib import import_module
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.stages.file_groups import FilePartitioningStage
from curator_engine.stages.id_generator import create_id_generator_actor, kill_id_generator_actor
from curator_engine.task import FileGroupTask

identification_module: Any = import_module("curator_text.exact.identification")
ExactDuplicateIdentification = identification_module.ExactDuplicateIdentification

TEXTS = [["a", "b", "a"], ["c", None, "b"], ["a", "d"]]


@pytest.fixture
def corpus(tmp_path):
    (tmp_path / "in").mkdir()
    for f, texts in enumerate(TEXTS):
        rows = [{"text": text, "key": f"k{f}{i}"} for i, text in enumerate(texts)]
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in" / f"{f}.parquet")
    return tmp_path


def test_all_but_the_first_of_each_text_are_listed(corpus):
    create_id_generator_actor()
    try:
        stage = ExactDuplicateIdentification("text", str(corpus / "out"))
        made = Pipeline(
            "p", stages=[FilePartitioningStage(file_paths=str(corpus / "in")), stage]
        ).run(LocalExecutor())
    finally:
        kill_id_generator_actor()
    found: Any = pq.read_table(corpus / "out" / "ExactDuplicateIds").column("_curator_dedup_id")
    assert sorted(found.to_pylist()) == [2, 5, 6]
    assert sum(task._metadata["num_removal_ids"] for task in made) == 3
    assert sum(task._metadata["num_groups"] for task in made) == 4


def test_ids_of_ones_own_need_no_generator(corpus):
    stage = ExactDuplicateIdentification(
        "text", str(corpus / "out"), assign_id=False, id_field="key", total_nparts=1
    )
    files = sorted(str(path) for path in (corpus / "in").iterdir())
    made = stage.process(FileGroupTask(data=files))
    assert pq.read_table(made.data[0]).to_pydict() == {"key": ["k02", "k12", "k20"]}


def test_lines_are_read_as_well(corpus):
    path = corpus / "x.jsonl"
    path.write_text(
        "".join(json.dumps({"text": t, "id": i}) + "\n" for i, t in enumerate("aba")),
        encoding="utf-8",
    )
    options = {"input_filetype": "jsonl", "assign_id": False, "id_field": "id"}
    stage = ExactDuplicateIdentification("text", str(corpus / "out"), **options)
    made = stage.process(FileGroupTask(data=[str(path)]))
    assert pq.read_table(made.data[0]).to_pydict() == {"id": [2]}


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"assign_id": False}, "assign_id=False needs id_field"),
        ({"id_field": "id"}, "leave id_field out"),
        ({"input_filetype": "csv"}, "neither jsonl nor parquet"),
    ],
)
def test_settings_that_disagree_are_refused(options, line):
    with pytest.raises(SettingsError, match=line):
        ExactDuplicateIdentification("text", "out", **options)
