"""Semantic deduplication with a settings object: what is asked for once holds on the command line and in Python."""

import json
from pathlib import Path

from text_toys import command, corpus, table, write_corpus

from curator_text.pipelines.semantic import SemanticWorkflow
from curator_text.settings import SemanticSettings


def result(out):
    data = {path.name: path.read_bytes() for path in Path(out, "data").iterdir()}
    return data, table(out, "removed"), table(out, "clusters")


def test_python_and_the_command_line_give_the_same_of_the_same_settings(tmp_path):
    source = write_corpus(tmp_path / "in", corpus())
    words = ["--eps", "0.2", "--keep", "longest", "--id-field", "id"]
    command("semantic", source, "-o", tmp_path / "a", "--workers", "1", *words)
    settings = SemanticSettings(
        inputs=[source], output=str(tmp_path / "b"), eps=0.2, keep="longest", id_field="id"
    )
    SemanticWorkflow(settings=settings).run()
    assert result(tmp_path / "a") == result(tmp_path / "b")
    records = [json.loads((tmp_path / k / "run.json").read_text())["settings"] for k in "ab"]
    for record in records:
        del record["output_path"]
    assert records[0] == records[1]
