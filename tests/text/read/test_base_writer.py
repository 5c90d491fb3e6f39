"""Writers of one's own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from curator_engine.errors import InputError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_text.read.base_writer import BaseWriter
from curator_text.task import DocumentBatch


@dataclass
class CsvWriter(BaseWriter):
    """Batches as CSV."""

    file_extension: str | None = "csv"
    name: str = "csv_writer"

    def write_data(self, task, file_path):
        task.to_pandas().to_csv(file_path, index=False, columns=self.fields, **self.write_kwargs)


class Broken(CsvWriter):
    """Stops in the middle of a file."""

    def write_data(self, task, file_path):
        super().write_data(task, file_path)
        raise ValueError("broken")


def batches() -> list[Any]:
    return [DocumentBatch(data=pa.table({"text": [f"t{n}"], "n": [n]})) for n in range(2)]


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != ".curator")


def test_each_batch_becomes_a_file_of_its_own(tmp_path):
    writer = CsvWriter(path=str(tmp_path / "out"), write_kwargs={"sep": ";"}, fields=["n", "text"])
    made = Pipeline("p", stages=[writer]).run(LocalExecutor(), initial_tasks=batches())
    texts = [Path(task.data[0]).read_text(encoding="utf-8") for task in made]
    assert sorted(texts) == ["n;text\n0;t0\n", "n;text\n1;t1\n"]
    assert all(name.endswith(".csv") for name in names(tmp_path / "out"))
    assert {task._metadata["format"] for task in made} == {"csv"}


def test_called_by_hand_no_two_batches_get_one_file(tmp_path):
    writer = CsvWriter(path=str(tmp_path / "out"))
    assert writer.process(batches()[0]).data != writer.process(batches()[1]).data
    assert writer.fs.exists(str(tmp_path / "out"))


def test_half_a_file_does_not_stay(tmp_path):
    with pytest.raises(ValueError, match="broken"):
        Broken(path=str(tmp_path / "out")).process(batches()[0])
    assert names(tmp_path / "out") == []


def test_a_folder_of_others_is_not_overwritten(tmp_path):
    (tmp_path / "mine.txt").touch()
    writer = CsvWriter(path=str(tmp_path), mode="overwrite")
    with pytest.raises(InputError, match="not the folder of a run"):
        Pipeline("p", stages=[writer]).run(LocalExecutor(), initial_tasks=batches())


def test_an_ending_is_needed():
    with pytest.raises(SettingsError, match="needs file_extension"):
        CsvWriter(path="out", file_extension="")
