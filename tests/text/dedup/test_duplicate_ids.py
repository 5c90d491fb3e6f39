"""Ids of duplicates for a removal in a step of its own; the workflows' are in `tests/upstream`."""

import json

import pyarrow.parquet as pq
import pytest

from curator_engine.executors.local import LocalExecutor
from curator_text.pipelines.exact import ExactWorkflow
from curator_text.pipelines.exact_dedup import ExactDeduplicationWorkflow
from curator_text.settings import ExactSettings


@pytest.fixture
def source(tmp_path):
    """Two files with one text in six rows, some of them with an id that is a number."""
    for f in range(2):
        ids = [{"id": 10 * f + n} if f or n else {} for n in range(3)]
        lines = "".join(json.dumps({"text": "same", **each}) + "\n" for each in ids)
        (tmp_path / f"f{f}.jsonl").write_text(lines, encoding="utf-8")
    return [str(tmp_path / "f0.jsonl"), str(tmp_path / "f1.jsonl")]


def test_the_command_and_its_workflow_write_no_ids(source, tmp_path):
    settings = ExactSettings(inputs=source, output=str(tmp_path / "out"), ids_only=True)
    ExactWorkflow(settings=settings).run(LocalExecutor())
    assert not {"ExactDuplicateIds", "exact_id_generator.json"} & {
        path.name for path in (tmp_path / "out").iterdir()
    }


def test_a_duplicate_without_an_id_of_its_own_makes_all_of_them_texts(source, tmp_path):
    ExactDeduplicationWorkflow(
        input_path=source[::-1], output_path=str(tmp_path / "out"), assign_id=False, id_field="id"
    ).run()
    ids = pq.read_table(tmp_path / "out/ExactDuplicateIds").column("id").to_pylist()
    assert ids == ["11", "12", "f0.jsonl:0", "1", "2"]


def test_the_ranges_follow_the_order_of_the_files(source, tmp_path):
    ExactDeduplicationWorkflow(input_path=source[::-1], output_path=str(tmp_path / "out")).run()
    record = json.loads((tmp_path / "out/exact_id_generator.json").read_bytes())
    assert record["next_id"] == 6
    assert list(record["batch_registry"].values()) == [[0, 2], [3, 5]]
