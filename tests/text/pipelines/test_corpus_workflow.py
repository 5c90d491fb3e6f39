"""What workflows have in common that read documents block by block."""

import pytest

from curator_engine.errors import InputError
from curator_text.pipelines.tokenize import TokenizeWorkflow
from curator_text.token_settings import TokenizeSettings


def test_settings_are_recorded_by_the_names_of_all_jobs():
    settings = TokenizeSettings(inputs=["in"], output="out", format="jsonl")
    record = TokenizeWorkflow(settings=settings).recorded()
    assert (record["input_path"], record["output_path"]) == (["in"], "out")
    assert record["input_filetype"] == "jsonl"


def test_an_input_without_the_text_is_refused_before_work(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"body": "x"}\n')
    settings = TokenizeSettings(inputs=[str(tmp_path / "a.jsonl")], output=str(tmp_path / "out"))
    with pytest.raises(InputError, match="text"):
        TokenizeWorkflow(settings=settings).run()
    assert not (tmp_path / "out").exists()
