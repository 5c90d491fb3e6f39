"""`curator-video split` as a person runs it: what is written, said, resumed and refused."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from stopped_runs import gate_at, kill_group, wait_for
from video.media import draw_video
from video.runs import SIZE, draw_inputs, settings, split

from curator_engine.commands.cli import Console
from curator_engine.errors import BudgetExceededError, InputError, SettingsError
from curator_engine.running.run_record import Wanted
from curator_video.clips.clip_table import CLIPS
from curator_video.commands import split as split_command
from curator_video.commands.split import Split

TIMED = ("run.json", "events.jsonl", "report.html", "summary.json")
"""Files that tell times, which differ from run to run."""


def files(out):
    """Paths and bytes of all that a run has written, but for what tells times."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in Path(out).rglob("*")
        if path.is_file() and path.name not in TIMED and ".curator" not in path.parts
    }


def record(out):
    return json.loads((out / "run.json").read_text(encoding="utf-8"))


@pytest.fixture
def source(finished_run):
    return finished_run.parent / "in"


def test_the_layout_is_there(finished_run):
    names = {path.name for path in finished_run.iterdir()}
    assert names == {
        *("clips", "metas", "previews", "fingerprint_embd_parquet", "processed_videos"),
        *("processed_clip_chunks", "quarantine", "clips.parquet", "summary.json", "run.json"),
        *("events.jsonl", "report.html", "filtered_clips", ".curator"),
    }


def test_each_video_is_decoded_once(finished_run):
    facts = record(finished_run)["facts"]
    assert facts["full_decodes"] == 2
    assert facts["frames_decoded"] == 108 + 84


def test_every_clip_has_a_file_meta_and_preview(finished_run):
    for row in CLIPS.read(str(finished_run)).to_pylist():
        assert (finished_run / row["path"]).is_file()
        assert (finished_run / row["preview"]).is_file()
        assert (finished_run / f"metas/v0/{row['uuid']}.json").is_file()


def test_what_stands_still_is_dropped_with_the_reason(finished_run):
    rows = CLIPS.read(str(finished_run)).to_pylist()
    reasons = [row["drop_reason"] for row in rows if row["drop_stage"] == "motion"]
    assert len(reasons) == 1
    assert "motion" in reasons[0] or "frame_difference" in reasons[0]


def test_a_file_that_is_no_video_costs_only_itself(source, tmp_path):
    result = split(source, tmp_path / "out")
    assert result.exit_code == 3
    assert (result.summary["videos"], result.summary["quarantined"]) == (2, 1)
    assert result.summary["times_real_time"] > 0


def test_two_workers_write_the_same_files(finished_run, source, tmp_path):
    split(source, tmp_path / "out", workers=2)
    assert files(tmp_path / "out") == files(finished_run)


def test_a_limit_counts_videos(source, tmp_path):
    (tmp_path / "in").mkdir()
    shutil.copy(source / "one.mp4", tmp_path / "in/a.mp4")
    shutil.copy(source / "one.mp4", tmp_path / "in/b.mp4")
    assert split(tmp_path / "in", tmp_path / "out", limit=1).summary["videos"] == 1


def test_what_a_run_killed_in_its_last_moments_leaves_is_tidied_up(own_run, source):
    before = sorted(path.name for path in own_run.iterdir())
    (own_run / ".cache").mkdir()
    (own_run / "report.html").rename(own_run / "report.html.4711.curator.tmp")
    Split.as_command(settings(source, own_run, resume=True), Console(quiet=True))
    assert sorted(path.name for path in own_run.iterdir()) == before


def test_a_finished_run_says_so(own_run, source, capsys):
    again = settings(source, own_run, resume=True, quiet=False)
    run = record(own_run)
    result = Split.as_command(again, Console())
    assert "finished already" in capsys.readouterr().err
    assert result.summary["clips"] == CLIPS.read(str(own_run)).num_rows
    assert record(own_run) == run


def forget_a_setting(folder):
    """Make the record one of a version that did not know a setting; the record."""
    run = record(folder)
    del run["settings"]["min_contrast"]
    files = [f"{path} {stamp}" for path, stamp in run["inputs"].items()]
    run["key"] = Wanted(settings=run["settings"], defaults={}, files=files).key
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    return run


def test_a_run_of_a_version_with_fewer_settings_is_finished_too(own_run, source, capsys):
    run = forget_a_setting(own_run)
    again = settings(source, own_run, resume=True, quiet=False)
    Split.as_command(again, Console())
    assert "finished already" in capsys.readouterr().err
    assert record(own_run) == run


def test_a_setting_that_an_earlier_version_did_not_know_is_done(own_run, source, capsys):
    forget_a_setting(own_run)
    again = settings(source, own_run, resume=True, quiet=False, min_contrast=0.5)
    Split.as_command(again, Console())
    assert "everything is done again" in capsys.readouterr().err


def test_other_settings_start_again(finished_run, source, tmp_path, capsys):
    out = tmp_path / "out"
    split(source, out, clip_len="2..2", previews=False)
    result = Split.as_command(settings(source, out, resume=True), Console())
    err = capsys.readouterr().err
    assert "done again" in err
    assert "clip_len 2..2, now" in err
    assert result.exit_code == 3
    assert files(out) == files(finished_run)


def test_a_video_that_is_gone_takes_its_clips_along(source, tmp_path):
    folder, out = Path(shutil.copytree(source, tmp_path / "in")), tmp_path / "out"
    split(folder, out)
    shutil.rmtree(folder / "sub")
    split(folder, out, resume=True)
    assert set(CLIPS.read(str(out)).column("video").to_pylist()) == {"one.mp4"}


def test_a_folder_in_use_is_refused(own_run, source):
    with pytest.raises(InputError, match="is not empty"):
        split(source, own_run)


def test_overwrite_replaces(own_run, source):
    assert split(source, own_run, overwrite=True, limit=2).exit_code in (0, 3)


def test_videos_without_clips_give_an_empty_table(tmp_path):
    (tmp_path / "in").mkdir()
    draw_video(tmp_path / "in/short.mp4", [(1, 6)], size=SIZE)
    result = split(tmp_path / "in", tmp_path / "out")
    assert (result.summary["videos"], result.summary["clips"]) == (1, 0)
    assert CLIPS.read(str(tmp_path / "out")).num_rows == 0


def test_dropped_clips_need_no_files(source, tmp_path):
    split(source, tmp_path / "out", keep_filtered=False)
    dropped = [r for r in CLIPS.read(str(tmp_path / "out")).to_pylist() if not r["keep"]]
    assert dropped
    assert all(row["path"] is None for row in dropped)


def test_off_leaves_out_scores_embeddings_and_previews(source, tmp_path):
    out = tmp_path / "out"
    split(source, out, sharpness="off", embed="off", previews=False)
    table = CLIPS.read(str(out))
    assert table.column("sharpness").null_count == table.num_rows
    assert not list(out.glob("*_embd_parquet"))
    assert not (out / "previews").exists()


def test_a_dry_run_writes_nothing(source, tmp_path):
    result = split(source, tmp_path / "out", dry_run=True)
    assert result.lines[-1] == "nothing was done"
    assert result.summary["videos"] == 3
    assert result.summary["video_seconds"] == pytest.approx(8, rel=0.5)
    assert not (tmp_path / "out").exists()


def test_a_remote_output_needs_scratch(source):
    with pytest.raises(SettingsError, match="--scratch"):
        split(source, "memory://out")


def test_a_remote_output_holds_the_same_files(finished_run, source, tmp_path):
    fsspec = pytest.importorskip("fsspec")
    split(source, "memory://split-out", scratch=str(tmp_path / "scratch"))
    memory = fsspec.filesystem("memory")
    memory.get("/split-out", str(tmp_path / "got"), recursive=True)
    memory.rm("/split-out", recursive=True)
    assert files(tmp_path / "got").keys() == files(finished_run).keys()


def command(source, out, *words):
    program = Path(sys.executable).parent / "curator-video"
    options = ["--detector", "content", "--clip-len", "1..4", "--workers", "1", "-q"]
    return [str(program), "split", str(source), "-o", str(out), *options, *words]


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_files(tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for k in range(5):
        draw_video(folder / f"{k}.mp4", [(2 * k + 1, 40), (2 * k + 2, 40)], size=SIZE)
    subprocess.run(command(folder, tmp_path / "whole"), check=True)
    gate = gate_at(tmp_path / "gate", "*/.cache/parts/*", after=1)
    running = subprocess.Popen(command(folder, out), start_new_session=True, env=gate.env)
    assert wait_for(lambda: list(out.glob(".cache/parts/*.parquet")))
    kill_group(running)
    assert running.returncode == -signal.SIGKILL
    subprocess.run(command(folder, out, "--resume"), check=True)
    assert record(out)["facts"]["videos_resumed"] < 5
    assert files(out) == files(tmp_path / "whole")


def test_bad_options_are_one_line(tmp_path, source):
    done = subprocess.run(
        command(source, tmp_path / "out", "--clip-len", "long"), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr.decode().count("\n")) == (2, 1)


def test_progress_counts_videos_and_real_time(source, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(split_command, "VideoProgress", Talkative)
    Split.as_command(settings(source, tmp_path / "out", quiet=False), Console())
    said = capsys.readouterr().err
    assert "of 3 videos" in said
    assert "x real time" in said


class Talkative(split_command.VideoProgress):
    """Says a line for every video."""

    def __init__(self):
        super().__init__(logging_interval=0)


def test_real_videos_of_all_codecs_are_split(shared_video, tmp_path):
    picked = tmp_path / "in"
    picked.mkdir()
    for name in ("tc_testsrc2_av1_10bit.mp4", "tc_testsrc2_vp8.webm"):
        shutil.copy(shared_video / name, picked / name)
    result = split(picked, tmp_path / "out", clip_len="0.5..4")
    assert (result.exit_code, result.summary["videos"]) == (0, 2)
    assert result.summary["clips"] >= 2


def test_the_input_is_left_as_it_was(tmp_path):
    folder = draw_inputs(tmp_path / "in")
    before = files(folder)
    split(folder, tmp_path / "out")
    assert files(folder) == before


def test_more_unreadable_videos_than_allowed_fail_the_run(source, tmp_path):
    """One of three: the run says so, and goes on when more is allowed."""
    with pytest.raises(BudgetExceededError, match=r"1 of 3 rows .*broken\.mp4"):
        split(source, tmp_path / "out", max_rejected_ratio=0.2)
    assert record(tmp_path / "out")["status"] == "failed"
    again = split(source, tmp_path / "out", max_rejected_ratio=0.4, resume=True)
    assert again.exit_code == 3
    assert record(tmp_path / "out")["facts"]["videos_resumed"] >= 2
