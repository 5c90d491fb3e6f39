"""Documents of texts and pictures in Lance datasets."""

from importlib import import_module
from typing import Any

import lance
import pyarrow as pa
import pytest

from curator_engine.errors import InputError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.task import EmptyTask
from curator_text.interleaved.batch_tables import table_of
from curator_text.interleaved.documents import InterleavedBatch

fragments: Any = import_module("curator_text.read.lance_reader")
LancePartitioningStage = fragments.LancePartitioningStage
lance_reader: Any = import_module("curator_text.interleaved.lance_reader")
InterleavedLanceReader = lance_reader.InterleavedLanceReader
InterleavedLanceReaderStage = lance_reader.InterleavedLanceReaderStage

TEXT = {"modality": "text", "text_content": "one"}
SAMPLES = ["a", "a", "b", "b", "b", "c"]


@pytest.fixture
def path(tmp_path):
    """Three documents of two, three and a row; the second goes over two fragments."""
    rows = [{"sample_id": each, "position": n, **TEXT} for n, each in enumerate(SAMPLES)]
    lance.write_dataset(table_of(rows), tmp_path / "a.lance", max_rows_per_file=4)
    return str(tmp_path / "a.lance")


def read(path, **options):
    tasks = Pipeline("p", stages=[InterleavedLanceReader(path, **options)]).run(LocalExecutor())
    assert all(isinstance(task, InterleavedBatch) for task in tasks)
    return [task.data.column("sample_id").to_pylist() for task in tasks]


@pytest.mark.parametrize(
    ("options", "batches"),
    [
        ({}, [SAMPLES[:2], SAMPLES[2:5], SAMPLES[5:]]),
        ({"max_batch_rows": 5}, [SAMPLES[:2], SAMPLES[2:5], SAMPLES[5:]]),
        ({"max_batch_rows": 3}, [SAMPLES[:2], SAMPLES[2:5], SAMPLES[5:]]),
        ({"max_batch_rows": 1}, [SAMPLES[:2], SAMPLES[2:5], SAMPLES[5:]]),
        ({"max_batch_bytes": 1}, [SAMPLES[:2], SAMPLES[2:5], SAMPLES[5:]]),
    ],
)
def test_a_document_is_not_cut_within_a_task(path, options, batches):
    assert read(path, fragments_per_partition=2, **options) == batches


def test_fragments_that_are_tasks_of_their_own_are_read_alone(path):
    assert sorted(name for names in read(path) for name in names) == SAMPLES


def test_what_has_no_rows_of_documents_is_refused(path, tmp_path):
    lance.write_dataset(pa.table({"n": [1]}), tmp_path / "b.lance")
    (task,) = LancePartitioningStage(str(tmp_path / "b.lance")).process(EmptyTask())
    with pytest.raises(InputError, match="has no column modality"):
        list(InterleavedLanceReaderStage().process(task))
    (task,) = LancePartitioningStage(path).process(EmptyTask())
    none = InterleavedLanceReaderStage(read_kwargs={"filter": "position > 9"}, allow_empty=False)
    with pytest.raises(InputError, match="gave no rows"):
        list(none.process(task))
    for options, said in (
        ({"fields": ["position"]}, "fields lacks one of"),
        ({"max_batch_rows": 0}, "max_batch_rows=0 is below 1"),
    ):
        with pytest.raises(SettingsError, match=said):
            InterleavedLanceReaderStage(**options)
