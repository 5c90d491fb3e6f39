"""Fuzzy deduplication with a settings object: what is asked for once holds on the command line and in Python."""

import json
from pathlib import Path

from text_toys import command, corpus, table, write_corpus

from curator_text.pipelines.fuzzy import FuzzyWorkflow
from curator_text.settings import FuzzySettings


def result(out):
    data = {path.name: path.read_bytes() for path in Path(out, "data").iterdir()}
    return data, table(out, "removed"), table(out, "clusters")


def test_python_and_the_command_line_give_the_same_of_the_same_settings(tmp_path):
    source = write_corpus(tmp_path / "in", corpus())
    words = ["--threshold", "0.7", "--keep", "longest", "--id-field", "id"]
    command("fuzzy", source, "-o", tmp_path / "a", "--workers", "1", *words)
    settings = FuzzySettings(
        inputs=[source], output=str(tmp_path / "b"), threshold=0.7, keep="longest", id_field="id"
    )
    FuzzyWorkflow(settings=settings).run()
    assert result(tmp_path / "a") == result(tmp_path / "b")
    records = [json.loads((tmp_path / k / "run.json").read_text())["settings"] for k in "ab"]
    for record in records:
        del record["output_path"]
    assert records[0] == records[1]


def test_explicit_bands_win():
    settings = FuzzySettings(num_bands=20, minhashes_per_band=13)
    assert FuzzyWorkflow(settings=settings).bands == (20, 13)


def test_the_recall_chooses_the_bands():
    assert FuzzyWorkflow(settings=FuzzySettings()).bands == (29, 8)
