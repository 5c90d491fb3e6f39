"""What workflows have in common that remove documents: settings under the names of `run.json`, and `data/`."""

from text_toys import deduplicate, sentence, write_jsonl

from curator_text.pipelines.exact import ExactWorkflow
from curator_text.settings import ExactSettings


def test_settings_have_the_names_that_runs_of_before_have():
    settings = ExactSettings(inputs=["a"], output="out", format="jsonl", ids_only=True, quiet=True)
    recorded = ExactWorkflow(settings=settings).recorded()
    assert recorded["input_path"] == ["a"]
    assert (recorded["output_path"], recorded["input_filetype"]) == ("out", "jsonl")
    assert recorded["perform_removal"] is False
    assert not {"inputs", "ids_only", "quiet", "executor", "overwrite"} & recorded.keys()


def test_the_data_of_an_earlier_run_goes_if_none_is_wanted(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": sentence(1)}] * 2)
    for removes in (True, False):
        cache = str(tmp_path / "cache")
        deduplicate(source, tmp_path / "out", cache_path=cache, perform_removal=removes)
    assert not (tmp_path / "out/data").exists()
