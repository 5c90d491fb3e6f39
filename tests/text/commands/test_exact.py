"""`curator-text exact` as a person uses it: what is typed, what is seen, what is left."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.parquet as pq
import pytest
from stopped_runs import kill
from text_toys import leave_as_killed_at_the_end, removed, rows_of, write_corpus, write_jsonl

from curator_engine.commands.cli import run_app
from curator_text.cli import JOBS

COMMAND = str(Path(sys.executable).parent / "curator-text")
ROWS = [{"id": f"d{i}", "text": f"text {i % 40}"} for i in range(100)]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("corpus"), ROWS)


@pytest.fixture
def exact(capsys):
    """A function that runs the command in this process and gives exit code, output and errors."""

    def run(*words):
        argv = ["exact", *map(str, words), "--workers", "1"]
        code = run_app("curator-text", JOBS, version="0", argv=argv)
        return code, *capsys.readouterr()

    return run


TOLERANT = ("--max-rejected-ratio", "0.5")
"""For small inputs with a bad row."""


def files(folder):
    skip = {"run.json", "events.jsonl", "report.html"}
    paths = (p for p in Path(folder).rglob("*") if p.is_file() and ".curator" not in p.parts)
    paths = (path for path in paths if path.name not in skip)
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_it_says_what_was_done_and_where_it_is(exact, source, tmp_path):
    code, out, err = exact(source, "-o", tmp_path / "out")
    assert code == 0
    assert f"result in {tmp_path}/out; if stopped, the same command with --resume goes on" in err
    first, last = out.splitlines()
    assert first.startswith("100 documents: 40 kept, 60 removed (60.0%) in 40 clusters")
    where = f"result in {tmp_path}/out"
    assert last == f"{where}: report.html, data/, removed/, clusters/, run.json"
    assert (tmp_path / "out/report.html").exists()


def test_json_counts_add_up(exact, source, tmp_path):
    _, out, _ = exact(source, "-o", tmp_path / "out", "--json", "-q", "--id-field", "id")
    summary = json.loads(out)
    assert summary["documents"] == len(ROWS) == summary["kept"] + summary["removed"]
    assert (summary["removed"], summary["quarantined"]) == (len(removed(tmp_path / "out")), 0)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["gone.jsonl"], "gone.jsonl does not exist; check the path."),
        (["EMPTY"], "no files ending in"),
        (["SOURCE", "--text-field", "body"], "the text field 'body' is in none of the 3 files"),
        (["SOURCE", "--keep", "best"], "keep='best' is not a policy"),
        (["SOURCE", "--normalize", "lower"], "--normalize"),
        (["SOURCE", "--mark", "--ids-only"], "--mark and --ids-only exclude each other"),
    ],
)
def test_bad_input_is_one_line_exit_two_and_no_work(exact, source, tmp_path, words, message):
    (tmp_path / "empty").mkdir()
    places = {"SOURCE": source, "EMPTY": tmp_path / "empty"}
    code, _, err = exact(*(places.get(word, word) for word in words), "-o", tmp_path / "out")
    assert (code, len(err.splitlines())) == (2, 1)
    assert message in err
    assert not (tmp_path / "out").exists()


def test_a_file_that_the_system_refuses_to_read_is_in_quarantine(exact, tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", [{"text": "a"}])
    # A missing permission does not stop root; reading this file fails for everybody.
    (tmp_path / "in/b.jsonl").symlink_to("/proc/self/clear_refs")
    code, _, _ = exact(tmp_path / "in", "-o", tmp_path / "out", "--max-rejected-ratio", "1")
    assert (code, [row["text"] for row in rows_of(tmp_path / "out")]) == (3, ["a"])


def test_unreadable_files_are_in_quarantine_and_the_others_are_done(exact, tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", [{"text": "a"}])
    (tmp_path / "in/b.jsonl.gz").write_bytes(b"no gzip")
    (tmp_path / "in/c.parquet").write_bytes(b"no parquet")
    pq.write_table(pa.table({"text": [1, 2]}), tmp_path / "in/d.parquet")
    code, out, _ = exact(tmp_path / "in", "-o", tmp_path / "out", "--max-rejected-ratio", "1")
    assert (code, [row["text"] for row in rows_of(tmp_path / "out")]) == (3, ["a"])
    assert (
        "2 rows and 2 files that cannot be read to the end in quarantine: "
        f"see {tmp_path}/out/quarantine"
    ) in out
    assert "  no text column 'text' (2)" in out


def test_a_finished_run_has_nothing_to_resume(exact, source, tmp_path):
    first = exact(source, "-o", tmp_path / "out")
    code, out, err = exact(source, "-o", tmp_path / "out", "--resume")
    assert (code, out) == (0, first[1])
    assert "is finished already; nothing to do" in err


def test_what_a_run_killed_in_its_last_moments_leaves_is_tidied_up(exact, source, tmp_path):
    exact(source, "-o", tmp_path / "out")
    before = leave_as_killed_at_the_end(tmp_path / "out")
    assert exact(source, "-o", tmp_path / "out", "--resume")[0] == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == before


def test_a_resumed_run_with_other_settings_is_done_anew(exact, source, tmp_path):
    exact(source, "-o", tmp_path / "out", "--limit", "50")
    exact(source, "-o", tmp_path / "out", "--resume", "--id-field", "id")
    exact(source, "-o", tmp_path / "other", "--id-field", "id")
    assert files(tmp_path / "out") == files(tmp_path / "other")


def test_a_dry_run_says_what_would_be_done_and_does_nothing(exact, source, tmp_path):
    code, out, _ = exact(source, "-o", tmp_path / "out", "--dry-run")
    assert code == 0
    assert "hash_documents" in out
    assert out.splitlines()[-1] == "nothing was done"
    assert not (tmp_path / "out").exists()


def test_settings_come_from_a_file(capsys, source, tmp_path):
    job = tmp_path / "job.yaml"
    job.write_text(
        f"job: exact\ninputs: {source}\noutput: {tmp_path}/out\nids-only: true\nworkers: 1\n",
        encoding="utf-8",
    )
    assert run_app("curator-text", JOBS, version="0", argv=["run", str(job), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["removed"] == 60
    assert not (tmp_path / "out/data").exists()


def test_why_a_document_left_can_be_asked(exact, capsys, source, tmp_path):
    exact(source, "-o", tmp_path / "out", "--id-field", "id")
    words = ["explain", str(tmp_path / "out"), "--id", "d45"]
    assert run_app("curator-text", JOBS, version="0", argv=words) == 0
    assert "d5" in capsys.readouterr().out


@pytest.mark.slow
def test_a_killed_run_goes_on_to_what_an_unbroken_one_gives(exact, tmp_path):
    rows = [{"id": str(i), "text": f"{i % 1500} " + "word " * 100} for i in range(6000)]
    source = write_corpus(tmp_path / "in", rows, files=30)
    assert exact(source, "-o", tmp_path / "whole", "--id-field", "id")[0] == 0
    words = [source, "-o", tmp_path / "out", "--id-field", "id"]
    process = subprocess.Popen(
        [COMMAND, "exact", *map(str, words), "-q"], stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if len(list((tmp_path / "out").glob(".cache/checkpoint/*/done/*/*/*.json"))) >= 3:
            break
        time.sleep(0.005)
    kill(process)
    assert exact(*words, "--resume")[0] == 0
    assert files(tmp_path / "out") == files(tmp_path / "whole")


def test_names_of_any_bytes_and_of_any_length_are_read_and_written(exact, tmp_path, capsys):
    names = [b"\xff\xfe.jsonl", ("漢" * 83 + ".jsonl").encode(), b"a\\b [x].JSONL", b"new\nline"]
    (tmp_path / "in").mkdir()
    for number, name in enumerate(names):
        path = os.fsdecode(os.fsencode(tmp_path / "in") + b"/" + name)
        lines = f'{{"text": "a"}}\n{{"text": "{number}"}}\nbroken\n'
        Path(path).write_text(lines, encoding="utf-8")
    code, out, _ = exact(tmp_path / "in", "-o", tmp_path / "out", *TOLERANT)
    assert (code, out.split(":")[0]) == (3, "8 documents")
    assert {path.name for path in (tmp_path / "out/data").iterdir()} == {
        "%FF%FE.jsonl",
        *(os.fsdecode(name) for name in names[1:]),
    }


def test_rows_that_are_too_long_are_counted_by_their_length_and_left_out(exact, tmp_path):
    lines = [json.dumps({"text": text}) for text in ("a", "x" * 99_999, "b", "a", "y" * 99_999)]
    data = "".join(f"{line}\n" for line in lines)
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_text(data)
    with gzip.open(tmp_path / "in/b.jsonl.gz", "wt") as file:
        file.write(data)
    code, out, _ = exact(tmp_path / "in", "-o", tmp_path / "out", "--max-row", "50kB", *TOLERANT)
    assert (code, out.split(":")[0]) == (3, "6 documents")
    assert (tmp_path / "out/data/a.jsonl").read_text() == f"{lines[0]}\n{lines[2]}\n"
    rows = pads.dataset(tmp_path / "out/removed").to_table().column("row").to_pylist()
    assert sorted(rows) == [0, 2, 3, 3]
    record = (tmp_path / "out/quarantine").rglob("*.jsonl")
    found = [json.loads(line) for path in record for line in path.read_text().splitlines()]
    assert {(row["reason"], row["line"]) for row in found} == {
        ("a row of 100,012 bytes, longer than max_row", 2),
        ("a row of 100,012 bytes, longer than max_row", 5),
    }


def test_what_is_passed_over_is_said_and_recorded(exact, source, tmp_path):
    shutil.copytree(source, tmp_path / "in")
    (tmp_path / "in/notes.txt").write_text("x")
    (tmp_path / "in/.hidden").write_text("x")
    _, _, err = exact(tmp_path / "in", "-o", tmp_path / "out")
    assert err.splitlines()[0] == "passed over: 1 .txt, 1 hidden"
    record = json.loads((tmp_path / "out/run.json").read_text())
    assert record["facts"]["passed_over"] == {".txt": 1, "hidden": 1}


def test_a_folder_named_with_the_scheme_of_local_files_is_made(exact, source, tmp_path):
    code, _, _ = exact(f"file://{source}", "-o", f"file://{tmp_path}/new/folder")
    assert code == 0
    assert (tmp_path / "new/folder/run.json").exists()
