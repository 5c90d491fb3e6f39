"""NeMo Curator's keywords become settings and fields of a workflow."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from toy_workflow import Count, LineSettings

from curator_engine.commands.keyword_workflow import KeywordWorkflow
from curator_engine.errors import SettingsError


@dataclass(kw_only=True)
class CountWorkflow(KeywordWorkflow):
    """Lines of files under other words."""

    input_path: str | list[str] | None = None
    output_path: str = ""
    pattern: str = ""
    verbose_gpu: bool = True
    of, options = Count, LineSettings

    @classmethod
    def keywords(cls) -> Mapping[str, str]:
        return {"inputs": "input_path", "output": "output_path", "word": "pattern"}

    def run(self):
        return self._run(None, None)


def test_keywords_become_settings(tmp_path):
    given = CountWorkflow(input_path="a.jsonl", output_path=str(tmp_path), pattern="b").made()
    assert given.settings == LineSettings(inputs=["a.jsonl"], output=str(tmp_path), word="b")


def test_it_runs_as_the_workflow_does(tmp_path):
    (tmp_path / "a.jsonl").write_text("1\n2\n", encoding="utf-8")
    out = tmp_path / "out"
    workflow = CountWorkflow(input_path=[str(tmp_path / "a.jsonl")], output_path=str(out))
    assert workflow.run().pipeline_tasks["count"][0]._metadata["count"] == 2
    assert list(workflow.steps.reports) == ["count"]


def test_no_input_is_named_by_its_keyword(tmp_path):
    with pytest.raises(SettingsError, match="give input_path"):
        CountWorkflow(output_path=str(tmp_path / "out")).run()
