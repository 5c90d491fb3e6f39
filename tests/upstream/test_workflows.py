"""Workflows of deduplication, started as NeMo Curator's users start them."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from text_toys import removed, rows_of, sentence, write_jsonl

tasks: Any = import_module("nemo_curator.tasks")
exact: Any = import_module("nemo_curator.stages.deduplication.exact")
fuzzy: Any = import_module("nemo_curator.stages.deduplication.fuzzy")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two files; the text of the first document comes once more in each."""
    path = tmp_path_factory.mktemp("in")
    for file, first in (("a.jsonl", 0), ("b.jsonl", 10)):
        rows = [{"id": f"d{first + i}", "text": sentence(first + i)} for i in range(3)]
        again = {"id": f"d{first + 9}", "text": sentence(0)}
        write_jsonl(path / file, [*rows, again])
    return path


def by_path(kind: str, folder: Path, out: Path) -> Any:
    if kind == "exact":
        return exact.ExactDeduplicationWorkflow(
            str(out), str(folder), "jsonl", id_field="id", perform_removal=True
        )
    return fuzzy.FuzzyDeduplicationWorkflow(
        str(out / "cache"), str(out), str(folder), "jsonl", id_field="id", perform_removal=True
    )


def by_hand(kind: str, out: Path) -> Any:
    if kind == "exact":
        return exact.ExactDeduplicationWorkflow(
            output_path=str(out), id_field="id", perform_removal=True
        )
    return fuzzy.FuzzyDeduplicationWorkflow(
        cache_path=str(out / "cache"), output_path=str(out), id_field="id", perform_removal=True
    )


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("kind", ["exact", "fuzzy"])
def test_tasks_that_are_made_by_hand_need_no_metadata(kind, several, folder, tmp_path):
    paths = [str(folder / name) for name in ("a.jsonl", "b.jsonl")]
    groups = [paths] if several else [[path] for path in paths]
    given = [tasks.FileGroupTask("corpus", group) for group in groups]
    by_hand(kind, tmp_path / "hand").run(initial_tasks=given)
    result = by_path(kind, folder, tmp_path / "path").run()
    assert result.get_metadata("num_duplicates") == 2
    assert set(removed(tmp_path / "hand")) == set(removed(tmp_path / "path")) == {"d9", "d19"}
    assert len(rows_of(tmp_path / "path")) == 6
    assert rows_of(tmp_path / "hand") == rows_of(tmp_path / "path")
