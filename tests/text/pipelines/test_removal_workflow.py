"""The record of workflows that remove documents: settings under the names of `run.json`."""

from curator_text.pipelines.exact import ExactWorkflow
from curator_text.settings import ExactSettings


def test_settings_have_the_names_that_runs_of_before_have():
    settings = ExactSettings(inputs=["a"], output="out", format="jsonl", ids_only=True, quiet=True)
    recorded = ExactWorkflow(settings=settings).recorded()
    assert recorded["input_path"] == ["a"]
    assert (recorded["output_path"], recorded["input_filetype"]) == ("out", "jsonl")
    assert recorded["perform_removal"] is False
    assert not {"inputs", "ids_only", "quiet", "executor", "overwrite"} & recorded.keys()
