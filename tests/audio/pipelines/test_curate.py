import json
import struct
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
from audio.drawn_sounds import voice
from audio.runs import copied, data, kept, rows_of
from audio.sounds import sound_file, tone

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


def test_copies_go_in_the_same_run(tmp_path):
    (tmp_path / "in").mkdir()
    sound = sound_file(voice(0, 3.0)[:, None])
    for name in ("a.wav", "b.wav"):
        (tmp_path / "in" / name).write_bytes(sound)
    settings = CurateSettings(
        inputs=[str(tmp_path / "in")], output=str(tmp_path / "out"), cut="whole", dedup="exact"
    )
    executor = LocalExecutor({"workers": 1})
    facts = CurateWorkflow(settings=settings).run(executor).metadata
    assert (facts["kept"], facts["dropped_by"]) == (1, {"exact": 1})
    assert len(data(tmp_path / "out")) == 1
    assert pq.read_table(tmp_path / "out/duplicates.parquet").num_rows == 1
    assert not (tmp_path / "out/.cache").exists()


_MEASURED = """
import re, sys
from pathlib import Path
from curator_audio.pipelines.curate import CurateWorkflow
from curator_audio.settings import CurateSettings
from curator_engine.executors.local import LocalExecutor
settings = CurateSettings(inputs=[sys.argv[1]], output=sys.argv[2], cut="whole")
facts = CurateWorkflow(settings=settings).run(LocalExecutor({"workers": 1})).metadata
peak = re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1]
print(facts["kept_s"], peak)
"""


@pytest.mark.long
def test_ten_hours_do_not_need_the_memory_of_ten_hours(tmp_path):
    hours, rate = 10, 2_000
    size = hours * 3600 * rate * 2
    # A second of sound, then a hole in the file, which is silence.
    head = bytearray(sound_file(tone(1.0, rate=rate), rate=rate))
    head[4:8], head[40:44] = struct.pack("<I", 36 + size), struct.pack("<I", size)
    with (tmp_path / "ten.wav").open("wb") as file:
        file.write(head)
        file.truncate(44 + size)
    words = [sys.executable, "-c", _MEASURED, str(tmp_path / "ten.wav"), str(tmp_path / "out")]
    done = subprocess.run(words, capture_output=True, check=True, text=True)
    kept_s, peak_kb = map(float, done.stdout.split()[-2:])
    assert kept_s == hours * 3600
    # Its samples at the rate of speech are 2.3 GB.
    assert peak_kb < 700_000
