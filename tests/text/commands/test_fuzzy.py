"""`curator-text fuzzy` as a person uses it: what is typed, what is seen, what is left."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from stopped_runs import gate_at, wait_for
from text_toys import (
    command,
    corpus,
    leave_as_killed_at_the_end,
    removed,
    rows_of,
    sentence,
    write_corpus,
    write_invalid_parquet,
    write_jsonl,
)

COMMAND = str(Path(sys.executable).parent / "curator-text")
ROWS = corpus()


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("corpus"), ROWS)


def start(*words, env=None):
    words = [COMMAND, "fuzzy", *map(str, words)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)


def fuzzy(*words):
    return command("fuzzy", *words)


def files(folder):
    skip = {"run.json", "events.jsonl", "report.html"}
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in Path(folder).rglob("*")
        if p.is_file() and p.name not in skip and ".curator" not in p.parts
    }


def test_it_says_where_the_result_is_first_and_last(source, tmp_path):
    code, out, err = fuzzy(source, "-o", tmp_path / "out")
    assert code == 0
    assert f"result in {tmp_path}/out; if stopped, the same command with --resume goes on" in err
    where = f"result in {tmp_path}/out"
    assert out.splitlines()[-1] == f"{where}: report.html, data/, removed/, clusters/, run.json"


def test_json_counts_add_up(source, tmp_path):
    _, out, _ = fuzzy(source, "-o", tmp_path / "out", "--json", "-q", "--id-field", "id")
    summary = json.loads(out)
    assert summary["documents"] == len(ROWS) == summary["kept"] + summary["removed"]
    assert (summary["removed"], summary["quarantined"]) == (len(removed(tmp_path / "out")), 0)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["gone.jsonl"], "gone.jsonl does not exist; check the path."),
        (
            ["SOURCE", "--text-field", "body"],
            "the text field 'body' is in none of the 3 files; the fields are id",
        ),
        (["SOURCE", "--keep", "best"], "keep='best' is not a policy"),
        (["SOURCE", "--num-bands", "3"], "--num-bands and --minhashes-per-band go together"),
        (
            ["SOURCE", "--num-bands", "3", "--minhashes-per-band", "2", "--recall", "0.9"],
            "--recall chooses the bands",
        ),
        (["SOURCE", "--threshold", "1.2"], "--threshold 1.2 is not between 0 and 1"),
        (["SOURCE", "--device", "gpu"], "--device gpu needs an executor that hands out GPUs"),
        (["SOURCE", "--mark", "--ids-only"], "--mark and --ids-only exclude each other"),
        (["SOURCE", "--max-removed-ratio", "2"], r"--max-removed-ratio 2.0 is not in [0, 1]"),
        (["SOURCE", "--char-ngrams", "0"], "char_ngrams=0 is not in [1, 2,048]"),
        (["SOURCE", "--treshold", "0.5"], "--threshold"),
        (["SOURCE", "--id-field", "idd"], "the id field 'idd' is in none of the"),
        (["SOURCE", "--source-field", "sit"], "the source field 'sit' is in none of the"),
    ],
)
def test_bad_input_is_one_line_exit_two_and_no_work(source, tmp_path, words, message):
    words = [source if word == "SOURCE" else word for word in words]
    code, _, err = fuzzy(*words, "-o", tmp_path / "out")
    assert (code, len(err.splitlines())) == (2, 1)
    assert message in err
    assert not (tmp_path / "out").exists()


def test_an_old_result_is_not_touched_without_a_word(source, tmp_path):
    fuzzy(source, "-o", tmp_path / "out")
    before = files(tmp_path / "out")
    code, _, err = fuzzy(source, "-o", tmp_path / "out")
    assert code == 2
    assert "use --resume to go on, --overwrite to replace it" in err
    assert files(tmp_path / "out") == before


def test_a_finished_run_has_nothing_to_resume(source, tmp_path):
    first = fuzzy(source, "-o", tmp_path / "out")
    code, out, err = fuzzy(source, "-o", tmp_path / "out", "--resume")
    assert (code, out) == (0, first[1])
    assert "is finished already; nothing to do" in err


def test_what_a_run_killed_in_its_last_moments_leaves_is_tidied_up(source, tmp_path):
    fuzzy(source, "-o", tmp_path / "out")
    before = leave_as_killed_at_the_end(tmp_path / "out")
    assert fuzzy(source, "-o", tmp_path / "out", "--resume")[0] == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == before


def test_a_resumed_run_with_other_settings_is_done_anew(source, tmp_path):
    fuzzy(source, "-o", tmp_path / "out", "--threshold", "0.95")
    fuzzy(source, "-o", tmp_path / "out", "--resume", "--id-field", "id")
    fuzzy(source, "-o", tmp_path / "other", "--id-field", "id")
    assert files(tmp_path / "out") == files(tmp_path / "other")


def test_overwriting_replaces_an_old_result(source, tmp_path):
    fuzzy(source, "-o", tmp_path / "out", "--threshold", "0.95")
    code, _, _ = fuzzy(source, "-o", tmp_path / "out", "--overwrite")
    assert code == 0


def test_something_in_quarantine_ends_with_three(tmp_path):
    source = tmp_path / "x.jsonl"
    source.write_bytes(b'{"text":"a"}\n{"text":"b')
    code, out, _ = fuzzy(source, "-o", tmp_path / "out", "--max-rejected-ratio", "1")
    assert code == 3
    assert f"1 row in quarantine: see {tmp_path}/out/quarantine" in out


def test_an_unreadable_file_is_in_quarantine_and_the_others_are_done(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", [{"text": "a"}])
    (tmp_path / "in/b.jsonl.gz").write_bytes(b"no gzip")
    (tmp_path / "in/c.parquet").write_bytes(b"no parquet")
    code, _, _ = fuzzy(tmp_path / "in", "-o", tmp_path / "out", "--max-rejected-ratio", "1")
    assert (code, [row["text"] for row in rows_of(tmp_path / "out")]) == (3, ["a"])
    assert len(list((tmp_path / "out/quarantine/sign/rows").iterdir())) == 2


def test_parquet_rows_whose_ids_are_no_utf8_are_in_quarantine(tmp_path):
    source = write_invalid_parquet(tmp_path / "x.parquet", "id")
    words = ["--id-field", "id", "--max-rejected-ratio", "0.25"]
    code, out, _ = fuzzy(source, "-o", tmp_path / "out", *words)
    assert code == 3
    assert "6 documents: 4 kept, 2 removed" in out
    assert "2 rows in quarantine" in out


def test_a_dry_run_says_what_would_be_done_and_does_nothing(source, tmp_path):
    code, out, _ = fuzzy(source, "-o", tmp_path / "out", "--dry-run")
    assert code == 0
    assert "bands: 29 x 8" in out
    assert out.splitlines()[-1] == "nothing was done"
    assert not (tmp_path / "out").exists()


def test_settings_come_from_a_file(source, tmp_path):
    job = tmp_path / "job.yaml"
    job.write_text(
        f"job: fuzzy\ninputs: {source}\noutput: {tmp_path}/out\nid-field: id\n", encoding="utf-8"
    )
    done = subprocess.run([COMMAND, "run", str(job), "--json"], capture_output=True, check=True)
    assert json.loads(done.stdout)["removed"] == len(removed(tmp_path / "out"))


def test_an_unknown_key_in_a_file_names_line_and_nearest(source, tmp_path):
    job = tmp_path / "job.yaml"
    job.write_text("keep: first\ntreshold: 0.7\n", encoding="utf-8")
    code, _, err = fuzzy(source, "-o", tmp_path / "out", "--config", job)
    assert code == 2
    assert f"unknown key 'treshold' at {job}:2; did you mean 'threshold'?" in err


def test_help_answers_without_loading_numba(tmp_path):
    code = "import sys; from curator_text.cli import JOBS; print('numba' in sys.modules, 'ray' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.decode().split() == ["False", "False"]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of four megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a tmpfs")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_one_line_and_loses_nothing(small_disk, tmp_path):
    rows = [{"text": sentence(i, words=700)} for i in range(700)]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    before = Path(source).read_bytes()
    code, _, err = fuzzy(source, "-o", small_disk / "out", "-q")
    assert (code, len(err.splitlines())) == (1, 1)
    assert "disk full while writing" in err
    assert "run again with --resume" in err
    assert list(small_disk.rglob("*.tmp")) + list(small_disk.rglob("data/*.jsonl")) == []
    assert Path(source).read_bytes() == before


def big_corpus(folder, documents=3000):
    rows = [
        {"id": str(i), "text": sentence(i % (documents // 2), words=300)} for i in range(documents)
    ]
    return write_corpus(folder, rows, files=12)


def markers(out):
    return len(list(Path(out).glob(".cache/checkpoint/*/done/*/*/*.json")))


@pytest.mark.slow
def test_a_killed_worker_costs_nothing_that_is_not_said(tmp_path):
    source = big_corpus(tmp_path / "in")
    process = start(source, "-o", tmp_path / "out", "--workers", "2", "--json")
    driver = psutil.Process(process.pid)
    workers = []

    def is_half_way():
        # Workers are the fork server's children; its own parent is the driver.
        with suppress(psutil.NoSuchProcess):
            workers[:] = [p for p in driver.children(recursive=True) if p.ppid() != process.pid]
        return workers and markers(tmp_path / "out") >= 2

    assert wait_for(lambda: is_half_way() or process.poll() is not None)
    for each in workers[:1]:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    out, _ = process.communicate(timeout=300)
    summary = json.loads(out)
    assert (summary["documents"], summary["quarantined"]) == (3000, 0)
    facts = json.loads((tmp_path / "out/run.json").read_text())["facts"]
    assert facts["worker_deaths"] <= 1
    assert list((tmp_path / "out").rglob("*.tmp")) == []


@pytest.mark.slow
def test_an_interrupted_run_ends_with_130_and_can_go_on(tmp_path):
    source = big_corpus(tmp_path / "in")
    gate = gate_at(tmp_path / "gate", "*/done/*.json", after=2)
    process = start(source, "-o", tmp_path / "out", "--workers", "2", env=gate.env)
    assert wait_for(lambda: markers(tmp_path / "out") == 2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "run again with --resume" in err.decode().splitlines()[-1]
    assert json.loads((tmp_path / "out/run.json").read_text())["status"] == "interrupted"
    assert fuzzy(source, "-o", tmp_path / "out", "--resume", "--id-field", "id")[0] == 0


@pytest.mark.long
@pytest.mark.parametrize(("workers", "kills"), [(1, 20), (2, 8)])
def test_a_run_that_is_killed_again_and_again_ends_as_an_unbroken_one(tmp_path, workers, kills):
    source = big_corpus(tmp_path / "in")
    assert fuzzy(source, "-o", tmp_path / "whole", "--id-field", "id")[0] == 0
    words = [source, "-o", tmp_path / "out", "--id-field", "id", "--workers", workers]
    for kill in range(kills):
        seen = markers(tmp_path / "out")
        process = start(*words, *(["--resume"] if kill else []))
        family = psutil.Process(process.pid)
        wait_for(lambda p=process, s=seen: markers(tmp_path / "out") > s or p.poll() is not None)
        if process.poll() is not None:
            process.communicate()
            break
        children = family.children(recursive=True)
        process.kill()
        process.communicate()
        assert wait_for(
            lambda c=children: not any(p.is_running() and p.status() != "zombie" for p in c)
        )
    assert fuzzy(*words, "--resume")[0] == 0
    assert files(tmp_path / "out") == files(tmp_path / "whole")


@pytest.mark.long
@pytest.mark.ray
@pytest.mark.parametrize("executor", ["ray_actor_pool", "ray_data", "xenna"])
def test_a_killed_run_on_ray_goes_on_to_what_an_unbroken_one_gives(
    executor, tmp_path, ray_cluster, monkeypatch
):
    monkeypatch.setenv("RAY_ADDRESS", ray_cluster.address)
    source = big_corpus(tmp_path / "in", documents=1200)
    assert fuzzy(source, "-o", tmp_path / "whole", "--id-field", "id")[0] == 0
    words = [source, "-o", tmp_path / "out", "--id-field", "id", "--executor", executor]
    process = start(*words)
    assert wait_for(lambda: markers(tmp_path / "out") >= 3, 120)
    process.kill()
    process.communicate()
    code, _, err = fuzzy(*words, "--resume")
    assert code == 0, err[-2000:]
    assert files(tmp_path / "out") == files(tmp_path / "whole")
