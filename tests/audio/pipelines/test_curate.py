import json

import pytest
from audio.runs import copied, data, kept, rows_of

from curator_audio.pipelines.curate import CurateWorkflow
from curator_audio.settings import CurateSettings
from curator_engine.executors.local import LocalExecutor


def test_every_recording_has_a_row_and_the_kept_ones_a_file(finished_segments):
    rows = rows_of(finished_segments)
    assert [row["drop_stage"] for row in rows if row["source"] != "list.jsonl"] == [
        "",
        "read",
        "loudness",
        "",
    ]
    files = {row["path"] for row in rows if row["keep"]}
    assert files == {f"data/{name}" for name in data(finished_segments)}
    assert len(files) == 4


def test_the_record_counts_them(finished_segments):
    facts = json.loads((finished_segments / "run.json").read_text(encoding="utf-8"))["facts"]
    counts = ("recordings", "segments", "kept", "dropped", "unreadable")
    assert [facts[name] for name in counts] == [6, 5, 4, 1, 1]
    assert facts["kept_s"] == pytest.approx(2.0 + 1.2 + 0.5 + 0.75)


def test_a_run_that_is_resumed_writes_what_is_missing(finished_segments, tmp_path):
    run = copied(finished_segments, tmp_path)
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    (run / "run.json").write_text(json.dumps({**record, "status": "interrupted"}), encoding="utf-8")
    next(iter((run / "data").iterdir())).unlink()
    (run / "segments.parquet").unlink()
    settings = CurateSettings(
        inputs=record["settings"]["inputs"],
        output=str(run),
        resume=True,
        cut="whole",
        min_loudness=-40.0,
        max_rejected_ratio=1.0,
    )
    CurateWorkflow(settings=settings).run(LocalExecutor())
    assert data(run) == data(finished_segments)
    assert kept(run) == kept(finished_segments)
