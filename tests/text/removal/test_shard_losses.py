"""Shards of the text jobs, joined, are one run over everything: the same rows, tables, counts."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from contamination_toys import leaky_rows, write_evaluation
from filter_toys import files_of
from stopped_runs import kill
from text_toys import command, table, write_jsonl

from curator_engine.files.paths import file_system_of

JOBS = {
    "filter": ("--set", "WordCount.min_words=30"),
    "clean": (),
    "pii": ("--kinds", "email"),
    "langid": ("--split-by-language",),
    "decontaminate": ("--against", "evaluation.jsonl"),
}
FOLDERS = {
    "filter": ("removed", "scores"),
    "clean": ("removed", "changes"),
    "pii": ("removed", "changes"),
    "langid": ("removed", "languages"),
    "decontaminate": ("removed", "matches"),
}
COUNT = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a corpus of seven files, one with a broken line, and an evaluation set."""
    root = tmp_path_factory.mktemp("corpus")
    rows = [
        {
            **row,
            "id": f"d{i}",
            "site": "abc"[i % 3],
            "text": f"{row['text']}\r\nwrite to a{i}@b.com",
        }
        for i, row in enumerate(leaky_rows())
    ]
    for i in range(7):
        path = root / "in" / ("sub" if i % 2 else ".") / f"{i}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_jsonl(path, rows[i::7])
    with (root / "in/6.jsonl").open("a", encoding="utf-8") as file:
        file.write("{broken\n")
    write_evaluation(root / "evaluation.jsonl")
    return root


@pytest.fixture
def run(folder, monkeypatch):
    """A function that runs `curator-text` in that folder."""
    monkeypatch.chdir(folder)

    def call(*words):
        code, said, error = command(*words)
        assert code in (0, 3), error
        return said

    return call


def words_of(job):
    fields = ("--id-field", "id", "--source-field", "site", "--max-rejected-ratio", "0.5")
    return (job, "in", *JOBS[job], *fields, "--workers", "1")


def rows(out, *names):
    return [pq.read_table(Path(out, f"{name}.parquet")).to_pylist() for name in names]


def facts(out):
    found = json.loads(Path(out, "run.json").read_bytes())["facts"]
    return {name: value for name, value in found.items() if name not in ("total_time", "seconds")}


@pytest.mark.parametrize("job", JOBS)
def test_shards_joined_are_one_run_over_everything(run, job):
    one, parts, whole = f"{job}-one", f"{job}-parts", f"{job}-whole"
    run(*words_of(job), "-o", one)
    for i in range(COUNT):
        run(*words_of(job), "-o", parts, "--shard", f"{i}/{COUNT}")
    run("merge", parts, "-o", whole)
    folders = ("data", "quarantine", *FOLDERS[job])
    assert files_of(Path(whole), *folders) == files_of(Path(one), *folders)
    assert rows(whole, "files", "sources") == rows(one, "files", "sources")
    assert facts(whole) == facts(one)
    assert Path(whole, "report.html").exists()


def test_scores_of_a_merged_run_are_taken_by_another_filter(run):
    for i in range(COUNT):
        run(*words_of("filter"), "-o", "scored", "--shard", f"{i}/{COUNT}")
    run("merge", "scored", "-o", "scores")
    more = ("--set", "WordCount.min_words=90")
    run(*words_of("filter"), *more, "-o", "taken", "--scores", "scores")
    run(*words_of("filter"), *more, "-o", "read")
    assert files_of(Path("taken"), "data", "removed") == files_of(Path("read"), "data", "removed")


def test_what_a_later_step_has_read_lies_in_the_whole(run):
    Path("job.yaml").write_text(
        "input: in\noutput: o\nworkers: 1\nmax_rejected_ratio: 0.5\nsteps: [clean, pii]\n",
        encoding="utf-8",
    )
    for i in range(COUNT):
        run("run", "job.yaml", "-o", "job-parts", "--shard", f"{i}/{COUNT}")
    run("merge", "job-parts", "-o", "job", "--drop-shards")
    (paths,) = rows("job/steps/02-pii", "files")
    assert all(Path(row["path"]).is_file() for row in paths)


def test_a_shard_that_was_killed_goes_on(run, folder):
    line = [*words_of("filter"), "-o", "killed", "--shard", "1/3"]
    begin = "import sys; from curator_text.cli import main; sys.argv[1:] = sys.argv[1:]; main()"
    process = subprocess.Popen([sys.executable, "-c", begin, *line], cwd=folder)
    while not list(Path("killed").glob("*/.cache/checkpoint/score/*")) and process.poll() is None:
        time.sleep(0.01)
    kill(process)
    for i in range(COUNT):
        run(
            *words_of("filter"),
            "-o",
            "killed",
            "--shard",
            f"{i}/3",
            *(["--resume"] if i == 1 else []),
        )
        run(*words_of("filter"), "-o", "unbroken", "--shard", f"{i}/3")
    names = ("data", "removed", "scores")
    run("merge", "killed", "-o", "after-kill")
    run("merge", "unbroken", "-o", "without-kill")
    assert files_of(Path("after-kill"), *names) == files_of(Path("without-kill"), *names)
    assert len(table(Path("after-kill"), "scores")) == 60


@pytest.mark.long
def test_shards_on_an_object_store_are_joined_there(run, bucket):
    fs, _ = file_system_of(bucket)
    fs.put("in/", f"{bucket}/corpus/", recursive=True)
    line = ("clean", f"{bucket}/corpus", "--id-field", "id", "--max-rejected-ratio", "0.5")
    run(*line, "-o", f"{bucket}/one", "--workers", "1")
    for i in range(COUNT):
        run(*line, "-o", f"{bucket}/parts", "--workers", "1", "--shard", f"{i}/{COUNT}")
    run("merge", f"{bucket}/parts", "-o", f"{bucket}/whole", "--drop-shards")

    def found(out):
        names = [name for name in fs.find(f"{bucket}/{out}/data") if ".curator" not in name]
        return {name.partition("/data/")[2]: fs.cat_file(name) for name in names}

    assert found("whole") == found("one")
    assert len(found("one")) == 7
    left = [name for name in fs.find(f"{bucket}/parts") if "/.curator/" not in name]
    assert left == []


@pytest.mark.parametrize("job", ["exact", "fuzzy", "semantic", "substring", "lines"])
def test_a_job_over_the_whole_corpus_says_why_it_is_not_done_in_shards(folder, job):
    code, _, error = command(job, folder / "in", "-o", folder / "no", "--shard", "0/3")
    assert (code, error.count("\n")) == (2, 1)
    assert "so no part can be done by itself; leave out --shard" in error


def test_matches_are_counted_over_the_whole_input(folder):
    line = ("--against", folder / "evaluation.jsonl", "--max-matches", "3", "--shard", "0/3")
    code, _, error = command("decontaminate", folder / "in", "-o", folder / "no", *line)
    assert code == 2
    assert "--max-matches counts documents of the whole input" in error
