"""`estimate`: a sample runs through the steps."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from toy_steps import JOBS

from curator_engine.commands.cli import run_app
from curator_engine.commands.estimate_job import _write_sample
from curator_engine.stages.files import find_inputs

LINES = "".join(f'{{"n": "{"bad" if i % 4 == 0 else "fine"} {i:06d}"}}\n' for i in range(2000))


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("in/a.jsonl", "in/b.jsonl"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(LINES, encoding="utf-8")
    text = (
        "input: in\noutput: out\nworkers: 1\nsteps:\n  - drop: {word: bad, save: saved}\n  - skip\n"
    )
    Path("job.yaml").write_text(text, encoding="utf-8")

    def run(*words):
        line = ["estimate", "job.yaml", "--sample", "8KB", "-q", *words]
        return run_app("lines", JOBS, version="0.1.0", argv=line), *capsys.readouterr()

    return run


def test_counts_go_on_from_the_sample_and_nothing_is_written(call):
    before = {str(p) for p in Path().rglob("*")}
    code, out, _ = call("--json")
    found = json.loads(out)
    assert code == 0
    assert found["steps"]["01-drop"]["documents"] == pytest.approx(4000, rel=0.05)
    assert found["steps"]["02-skip"]["documents"] == pytest.approx(3000, rel=0.05)
    size = 2 * len(LINES) * 3 / 4
    assert found["steps"]["02-skip"]["data_bytes"] == pytest.approx(size, rel=0.05)
    assert {str(p) for p in Path().rglob("*")} == before


def test_it_says_that_it_is_an_estimate(call):
    out = call()[1]
    assert "estimate: " in out
    assert "% of the input: copies are rarer in a sample" in out


def test_what_a_sample_warns_of_is_not_said(call):
    code, _, err = call("--set", "drop.word=alarm")
    assert (code, err) == (0, "")


def test_a_limit_is_heeded(call):
    found = json.loads(call("--json", "--set", "limit=1000")[1])
    assert found["steps"]["01-drop"]["documents"] == 1000


def test_compressed_lines_and_parquet_are_sampled(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl.gz").write_bytes(gzip.compress(LINES.encode()))
    table = pa.table({"n": [f"text number {i} of many" for i in range(20_000)]})
    pq.write_table(table, tmp_path / "in/b.parquet")
    files = find_inputs([str(tmp_path / "in")]).files
    read = _write_sample(files, 20_000, str(tmp_path / "out"))
    assert 0 < read < sum(file.size for file in files)
    rows = pq.read_table(tmp_path / "out/01.parquet").num_rows
    assert 0 < rows < 20_000
    assert LINES.startswith((tmp_path / "out/00.jsonl").read_text(encoding="utf-8"))
