"""The folder of a run stands for what the run kept."""

import json
from pathlib import Path

import pytest

from curator_engine.errors import InputError
from curator_engine.files.output_folder import take
from curator_engine.files.results import kept_folder
from curator_engine.files.storage import write_atomic
from curator_engine.stages.files import find_inputs


def _run(folder: Path, *names: str, status: str = "done") -> str:
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "part.jsonl").write_text('{"text": "a"}\n')
    record = {"job": "filter", "version": "1", "status": status}
    (folder / "run.json").write_text(json.dumps(record))
    (folder / "events.jsonl").write_text('{"time": 1}\n')
    return str(folder)


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (["data", "removed", "scores"], "data"),
        (["clips", "previews"], "clips"),
        (["embeddings"], "embeddings"),
        (["embeddings", "data"], "data"),
    ],
)
def test_what_a_run_kept_is_read(tmp_path: Path, names: list[str], kept: str) -> None:
    place = _run(tmp_path / "run", *names)
    assert kept_folder(place) == f"{place}/{kept}"


def test_lists_of_a_run_are_no_documents(tmp_path: Path) -> None:
    place = _run(tmp_path / "run", "data", "removed")
    found = find_inputs([place])
    assert [(file.path, file.name) for file in found.files] == [
        (f"{place}/data/part.jsonl", "part.jsonl")
    ]
    assert found.note == f"read of runs: {place}/data"


def test_a_run_on_an_object_store_is_known(tmp_path: Path) -> None:
    place = _run(tmp_path / "run", "data", "removed")
    assert kept_folder(f"local://{place}") in (f"local://{place}/data", f"{place}/data")


def test_a_run_that_left_lists_only_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a run of filter that has left lists and no data"):
        kept_folder(_run(tmp_path / "run", "removed"))


@pytest.mark.parametrize("status", ["failed", "interrupted"])
def test_a_run_that_has_not_ended_is_refused(tmp_path: Path, status: str) -> None:
    with pytest.raises(InputError, match="a run of filter that has not ended"):
        kept_folder(_run(tmp_path / "run", "data", status=status))


def test_a_run_that_was_killed_is_refused(tmp_path: Path) -> None:
    with take(str(tmp_path / "run"), job="fuzzy", version="1"):
        write_atomic(str(tmp_path / "run" / "data" / "a.jsonl"), b"{}\n")
    with pytest.raises(InputError, match="a run of fuzzy that has not ended"):
        kept_folder(str(tmp_path / "run"))


def test_the_folder_of_a_writer_is_read_as_it_is(tmp_path: Path) -> None:
    with take(str(tmp_path / "out"), job="jsonl_writer", mode="share"):
        (tmp_path / "out" / "a.jsonl").write_text('{"text": "a"}\n')
    assert [Path(file.path).name for file in find_inputs(str(tmp_path / "out")).files] == [
        "a.jsonl"
    ]


def test_a_folder_inside_a_run_is_read_as_it_is(tmp_path: Path) -> None:
    place = _run(tmp_path / "run", "data", "removed")
    assert kept_folder(f"{place}/removed") is None


def test_a_run_json_of_somebody_else_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "run.json").write_text('{"job": "train"}')
    assert kept_folder(str(tmp_path)) is None
