"""What commands of deduplication say beyond those of every removal."""

from typing import Any

import pytest
from text_toys import sentence, write_jsonl

from curator_engine.commands.cli import Console, JobResult
from curator_text.commands.exact import Exact
from curator_text.settings import ExactSettings


def said(tmp_path, **options: Any) -> JobResult:
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": sentence(i % 2)} for i in range(5)])
    settings = ExactSettings(inputs=[str(source)], output=str(tmp_path / "out"), **options)
    facts = {"num_documents": 5, "num_duplicates": 3, "clusters": 2, "quarantined": 0}
    facts |= {"total_time": 0.0, "no_text": 0, "alarms": []}
    return Exact(settings=settings, console=Console(quiet=True)).result(facts)


def test_clusters_are_counted(tmp_path):
    result = said(tmp_path)
    assert result.summary["clusters"] == 2
    assert "3 removed (60.0%) in 2 clusters" in result.lines[0]


@pytest.mark.parametrize("ids_only", [False, True])
def test_data_is_named_if_it_is_written(tmp_path, ids_only):
    assert ("data/" in said(tmp_path, ids_only=ids_only).lines[-1]) != ids_only
