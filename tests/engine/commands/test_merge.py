"""`--shard` and `merge` of any app: what is joined, what is refused, what stays."""

import json
from pathlib import Path

import pytest
from toy_steps import JOBS

from curator_engine.commands.cli import run_app

LINES = [f'{{"n": {i}, "is": "{"bad" if i % 3 == 0 else "fine"}"}}\n' for i in range(12)]
JOB = "input: in\noutput: out\nworkers: 1\nsteps:\n  - drop: {word: bad}\n  - skip: {word: '7'}\n"


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """A function that runs `lines`: exit code, standard output and error."""
    monkeypatch.chdir(tmp_path)
    Path("in/sub").mkdir(parents=True)
    for i, name in enumerate(("a", "sub/b", "c", "sub/d")):
        Path(f"in/{name}.jsonl").write_text("".join(LINES[3 * i : 3 * i + 3]), encoding="utf-8")
    Path("job.yaml").write_text(JOB, encoding="utf-8")

    def run(*words):
        return run_app("lines", JOBS, version="0.1.0", argv=list(words)), *capsys.readouterr()

    return run


def shards(call, *words, count=3, which=None):
    for i in range(count) if which is None else which:
        assert call(*words, "--shard", f"{i}/{count}")[0] == 0


def files(folder):
    root = Path(folder)
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".curator" not in path.parts
    }


def data(folder):
    return {name: text for name, text in files(folder).items() if "data/" in name}


def facts(folder):
    found = json.loads(Path(folder, "run.json").read_bytes())["facts"]
    return {
        name: value for name, value in found.items() if "time" not in name and name != "seconds"
    }


DROP = ("drop", "in", "--word", "bad", "--workers", "1")


def test_a_merged_run_is_that_of_one_run_over_everything(call):
    assert call(*DROP, "-o", "one")[0] == 0
    shards(call, *DROP, "-o", "parts")
    code, said, _ = call("merge", "parts", "-o", "whole")
    assert (code, said.splitlines()[-1]) == (0, "result in whole: data/, run.json")
    assert data("whole") == data("one")
    assert facts("whole") == facts("one")


def test_a_merged_run_is_known_as_the_finished_run_of_the_whole_input(call):
    shards(call, *DROP, "-o", "parts")
    call("merge", "parts", "-o", "whole")
    assert "finished already" in call(*DROP, "-o", "whole", "--resume")[2]


def test_files_are_linked_not_copied_and_the_shards_stay(call):
    shards(call, *DROP, "-o", "parts")
    before = files("parts")
    call("merge", "parts", "-o", "whole")
    (part,) = Path("parts").glob("*/data/a.jsonl")
    assert Path("whole/data/a.jsonl").samefile(part)
    assert files("parts") == before


def test_dropped_shards_leave_what_others_put_there(call):
    shards(call, *DROP, "-o", "parts")
    note = Path("parts/shard-00001-of-00003/notes.txt")
    note.write_text("mine", encoding="utf-8")
    before = data("parts")
    assert call("merge", "parts", "-o", "whole", "--drop-shards")[0] == 0
    assert [path for path in Path("parts").rglob("*") if path.is_file()] == [note]
    assert len(data("whole")) == len(before)


def test_a_merge_that_was_stopped_goes_on_and_one_that_is_done_is_known(call):
    shards(call, *DROP, "-o", "parts")
    call("merge", "parts", "-o", "whole")
    whole = data("whole")
    record = json.loads(Path("whole/run.json").read_bytes())
    Path("whole/run.json").write_text(json.dumps(record | {"status": "running"}), encoding="utf-8")
    Path("whole/data/a.jsonl").unlink()
    assert "3 shards are joined" in call("merge", "parts", "-o", "whole", "--resume")[2]
    assert data("whole") == whole
    assert "nothing is joined" in call("merge", "parts", "-o", "whole", "--resume")[2]


def test_a_shard_that_is_missing_stops_the_merge_before_anything_is_written(call):
    shards(call, *DROP, "-o", "parts", which=[0, 2])
    code, _, error = call("merge", "parts", "-o", "whole")
    assert code == 2
    assert "missing: 1" in error
    assert not Path("whole").exists()


def test_input_that_changed_between_shards_is_noticed(call):
    shards(call, *DROP, "-o", "parts", which=[0, 1])
    Path("in/e.jsonl").write_text(LINES[0], encoding="utf-8")
    shards(call, *DROP, "-o", "parts", which=[2])
    code, _, error = call("merge", "parts", "-o", "whole")
    assert code == 2
    assert "the input had other files, or has changed" in error


def test_the_result_lies_outside_of_the_shards(call):
    shards(call, *DROP, "-o", "parts")
    code, _, error = call("merge", "parts", "-o", "parts/whole")
    assert code == 2
    assert "overlap" in error


def test_steps_of_a_job_file_are_joined_as_well(call):
    assert call("run", "job.yaml", "-o", "one")[0] == 0
    shards(call, "run", "job.yaml", "-o", "parts")
    assert call("merge", "parts", "-o", "whole")[0] == 0
    assert data("whole") == data("one")
    assert facts("whole") == facts("one")
    assert Path("whole/report.html").exists()
    assert "finished already" in call("run", "job.yaml", "-o", "whole", "--resume")[2]


def test_a_step_for_which_a_shard_had_nothing_is_joined_from_the_others(call):
    change = ("--set", "drop.word='\"n\": 1'")
    assert call("run", "job.yaml", "-o", "one", *change)[0] == 0
    shards(call, "run", "job.yaml", "-o", "parts", *change, count=4)
    assert call("merge", "parts", "-o", "whole")[0] == 0
    assert data("whole") == data("one")


def test_a_limit_counts_over_the_whole_input(call):
    code, _, error = call(*DROP, "-o", "parts", "--shard", "0/3", "--limit", "1")
    assert code == 2
    assert "leave it out with --shard" in error


def test_a_shard_of_another_number_is_refused(call):
    shards(call, *DROP, "-o", "parts", which=[0])
    code, _, error = call(*DROP, "-o", "parts", "--shard", "0/2")
    assert code == 2
    assert "holds shards of 3" in error
