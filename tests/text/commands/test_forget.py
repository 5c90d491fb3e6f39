"""`curator-text forget`: nothing of a document is left in the folder of a run, and all else is as it was."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from text_toys import command, edited, rows_of, sentence, table, write_jsonl
from training_toys import write_kinds

from curator_engine.files.output_folder import take

GOOD = "It was the best of times, and they have not forgotten that there is a lot to see in the old town. "
TEXTS = [f"Number {i}. {GOOD}{sentence(i, 40)} It was {GOOD}" for i in range(8)]
ROWS = [
    *({"id": f"plain-{i}", "text": text, "note": f"n{i}"} for i, text in enumerate(TEXTS)),
    {"id": "copy-0", "text": TEXTS[0]},
    {"id": "copy-1", "text": TEXTS[1]},
    {"id": "copy-1b", "text": TEXTS[1]},
    {"id": "near-2", "text": edited(TEXTS[2], 1)},
    {"id": "junk-0", "text": "too short"},
    {"id": 77, "text": f"{GOOD} {sentence(77, 60)}"},
]
BAD = ['{"id": "bad-0", "text": "half', '{"id": "bad-1", "text": 7}']
JOBS = ["exact", "fuzzy", "filter", "decontaminate", "clean", "lines", "substring", "langid"]
GONE = ["plain-0", "copy-1", "plain-2", "plain-4", "junk-0", "77", "bad-0", "bad-1"]


@pytest.fixture
def source(tmp_path):
    path = write_jsonl(tmp_path / "in/a.jsonl", ROWS)
    with Path(path).open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in BAD)
    rule = "filters: [WordCount: {min_words: 5}]\n"
    (tmp_path / "rule.yaml").write_text(rule, encoding="utf-8")
    (tmp_path / "eval.txt").write_text(f"{TEXTS[0]}\n{TEXTS[4]}\n", encoding="utf-8")
    return tmp_path / "in"


def run(job, source, out, *words):
    line = [job, source, "-o", out, "--id-field", "id", "--workers", "1", "-q", *words]
    assert command(*line, "--max-rejected-ratio", "0.5")[0] == 3
    return out


def forget(*words):
    return command("forget", *words, "-q")


def left_in(folder):
    """All that can be read in a folder, as one text; the manifest does not name documents."""
    parts = []
    for path in sorted(
        p for p in Path(folder).rglob("*") if p.is_file() and ".curator" not in p.parts
    ):
        data = path.read_bytes()
        parts.append(
            repr(pq.read_table(path).to_pylist())
            if data[:4] == b"PAR1"
            else data.decode("utf-8", "replace")
        )
    return "\n".join(parts)


@pytest.mark.parametrize("job", JOBS)
def test_nothing_of_the_documents_is_left_and_all_else_is_as_it_was(
    source, tmp_path, monkeypatch, job
):
    more = {"filter": ["--recipe", "rule.yaml"], "decontaminate": ["--against", "eval.txt"]}
    monkeypatch.chdir(tmp_path)
    words = more.get(job, [])
    out = run(job, source, tmp_path / "out", *words)
    before = (out / "data/a.jsonl").read_text(encoding="utf-8").splitlines()
    assert all(
        f'"{name}"' in left_in(out) or f"'{name}'" in left_in(out) or name in left_in(out)
        for name in GONE
    )
    code, said, _ = forget(*GONE, out)
    assert code == 0
    assert said.startswith(f"8 of 8 documents forgotten in {out}\n")
    text = left_in(out)
    for name in GONE:
        assert f'"{name}"' not in text
        assert f"'{name}'" not in text
    assert TEXTS[4] not in text
    assert (out / "report.html").exists()
    gone = {*GONE, 77}
    after = (out / "data/a.jsonl").read_text(encoding="utf-8").splitlines()
    assert after == [line for line in before if json.loads(line)["id"] not in gone]
    assert "plain-1" in text


def test_tables_lose_rows_members_and_names_of_forgotten_documents(source, tmp_path):
    out = run("exact", source, tmp_path / "out")
    forget("plain-0", "copy-1", out)
    assert [(row["id"], row["kept_id"]) for row in table(out, "removed")] == [
        ("copy-0", None),
        ("copy-1b", "plain-1"),
    ]
    [cluster] = table(out, "clusters")
    assert (cluster["cluster_id"], cluster["members"], cluster["size"]) == (
        "plain-1",
        ["copy-1b"],
        2,
    )
    assert len(cluster["similarities"]) == 1
    code, said, _ = command("explain", out, "--id", "copy-0")
    assert (code, "None" in said) == (0, False)
    forget("copy-1b", out)
    assert table(out, "clusters") == []


def test_counts_per_place_and_ids_that_were_not_found_are_said(source, tmp_path):
    out = run("exact", source, tmp_path / "out")
    said = forget("copy-0", "plain-5", "nobody", out)[1]
    assert said.splitlines()[:2] == [
        f"2 of 3 documents forgotten in {out}",
        "  taken out: clusters 1, removed 1, data 1",
    ]
    assert "1 ids were not found: nobody" in said
    assert "a run that is done again brings them back" in said
    found = json.loads(forget("--id", "plain-6", out, "--json")[1])
    assert (found["documents"], found["places"]["data"], found["not_found"]) == (1, 1, 0)


def test_the_record_says_how_many_and_when_and_not_which(source, tmp_path):
    out = run("exact", source, tmp_path / "out")
    forget("plain-5", "nobody", out)
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert [each["documents"] for each in record["forgotten"]] == [1]
    assert record["forgotten"][0]["when"] > "2026"
    assert "plain-5" not in json.dumps(record)
    assert "nobody" not in json.dumps(record)


def test_ids_come_from_files_of_every_kind(source, tmp_path):
    out = run("exact", source, tmp_path / "out")
    (tmp_path / "ids.txt").write_text("plain-3\n\n  plain-4 \n", encoding="utf-8")
    write_jsonl(tmp_path / "ids.jsonl", [{"id": "plain-5"}, {"id": 77}])
    assert forget(tmp_path / "ids.txt", tmp_path / "ids.jsonl", out)[1].startswith("4 of 4 ")
    assert {row["id"] for row in rows_of(out)} == {
        "plain-0",
        "plain-1",
        "plain-2",
        "plain-6",
        "plain-7",
        "near-2",
        "junk-0",
    }


def test_a_dry_run_counts_and_changes_nothing(source, tmp_path):
    out = run("fuzzy", source, tmp_path / "out")
    before = {
        p: p.read_bytes() for p in out.rglob("*") if p.is_file() and ".curator" not in p.parts
    }
    said = forget(*GONE, out, "--dry-run")[1]
    assert said.startswith("8 of 8 documents would be forgotten")
    assert before == {p: p.read_bytes() for p in before}


def test_a_run_of_several_steps_forgets_in_each_and_in_the_result(source, tmp_path):
    job = "input: in\noutput: out\nworkers: 1\nid_field: id\nmax_rejected_ratio: 0.5\nsteps:\n  - filter: {recipe: rule.yaml}\n  - exact\n  - fuzzy\n"
    (tmp_path / "job.yaml").write_text(job, encoding="utf-8")
    assert command("run", tmp_path / "job.yaml", "-q")[0] == 3
    out = tmp_path / "out"
    assert forget(*GONE, out)[1].startswith("8 of 8 ")
    text = left_in(out)
    assert not [name for name in GONE if f'"{name}"' in text or f"'{name}'" in text]
    assert [row["id"] for row in rows_of(out)] == [
        row["id"] for row in rows_of(out / "steps/03-fuzzy")
    ]
    code, _, err = command("run", tmp_path / "job.yaml", "--resume")
    assert (code, "finished already" in err) == (3, True)
    code, _, err = forget("plain-1", out / "steps/02-exact")
    assert (code, f"is a part of the run in {out}; give that folder." in err) == (2, True)


@pytest.mark.parametrize("gone", [["x"], ["x", "y"]])
@pytest.mark.parametrize("how", [[], ["--drop-steps"]])
def test_a_file_that_a_run_of_steps_lost_is_not_made_again(tmp_path, gone, how):
    write_jsonl(tmp_path / "in/a.jsonl", [{"id": "x", "text": "one"}])
    write_jsonl(tmp_path / "in/b.jsonl", [{"id": "y", "text": "two"}])
    job = "input: in\noutput: out\nworkers: 1\nid_field: id\nsteps:\n  - exact\n  - exact\n"
    (tmp_path / "job.yaml").write_text(job, encoding="utf-8")
    assert command("run", tmp_path / "job.yaml", "-q", *how)[0] == 0
    forget(*gone, tmp_path / "out")
    assert "finished already" in command("run", tmp_path / "job.yaml", "--resume")[2]
    assert [row["id"] for row in rows_of(tmp_path / "out")] == [x for x in ["y"] if x not in gone]


def test_an_index_does_not_know_the_documents_any_more(source, tmp_path):
    out = run("fuzzy", source, tmp_path / "out", "--save-index", tmp_path / "idx")
    write_jsonl(
        tmp_path / "new/b.jsonl", [{"id": f"new-{i}", "text": TEXTS[i]} for i in range(4, 7)]
    )
    line = [
        "fuzzy",
        tmp_path / "new",
        "--id-field",
        "id",
        "--workers",
        "1",
        "-q",
        "--against",
        tmp_path / "idx",
        "-o",
    ]
    command(*line, tmp_path / "before")
    assert {row["kept_id"] for row in table(tmp_path / "before", "removed")} == {
        "plain-4",
        "plain-5",
        "plain-6",
    }
    assert "index 1" in forget("plain-5", out)[1]
    assert "plain-5" not in left_in(tmp_path / "idx")
    command(*line, tmp_path / "after")
    assert {row["id"]: row["kept_id"] for row in table(tmp_path / "after", "removed")} == {
        "new-4": "plain-4",
        "new-6": "plain-6",
    }


def test_a_kept_cache_is_emptied(source, tmp_path):
    out = run("exact", source, tmp_path / "out", "--cache", tmp_path / "cache")
    assert "cache " in forget("plain-5", out)[1]
    assert [
        p.name for p in (tmp_path / "cache").rglob("*") if p.is_file() and ".curator" not in p.parts
    ] == []


def test_marks_that_name_a_forgotten_document_go(source, tmp_path):
    out = run("exact", source, tmp_path / "out", "--mark")
    forget("plain-0", out)
    marks = {row["id"]: row["duplicate_of"] for row in rows_of(out)}
    assert (marks["copy-0"], marks["copy-1"], "plain-0" in marks) == (None, "plain-1", False)


@pytest.mark.parametrize("ending", ["parquet", "jsonl.gz"])
def test_other_formats_keep_their_rows_and_types(tmp_path, ending):
    import gzip

    import pyarrow as pa

    (tmp_path / "in").mkdir()
    rows = [
        {"id": i, "text": text, "members": ["x"], "other_id": "5"} for i, text in enumerate(TEXTS)
    ]
    path = tmp_path / f"in/a.{ending}"
    if ending == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=3)
    else:
        path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    out = tmp_path / "out"
    assert (
        command("exact", tmp_path / "in", "-o", out, "--id-field", "id", "--workers", "1", "-q")[0]
        == 0
    )
    assert forget("5", out)[1].startswith("1 of 1 ")
    if ending == "parquet":
        found = pq.read_table(out / "data/a.parquet")
        assert found.equals(pq.read_table(path).filter(pa.array([i != 5 for i in range(8)])))
    else:
        lines = gzip.decompress((out / f"data/a.{ending}").read_bytes()).decode().splitlines()
        assert [json.loads(line) for line in lines] == [row for row in rows if row["id"] != 5]


def test_a_file_that_loses_all_is_gone(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", [{"id": "x", "text": "one"}])
    write_jsonl(tmp_path / "in/b.jsonl", [{"id": "y", "text": "two"}])
    command(
        "exact", tmp_path / "in", "-o", tmp_path / "out", "--id-field", "id", "--workers", "1", "-q"
    )
    forget("x", tmp_path / "out")
    assert [p.name for p in (tmp_path / "out/data").iterdir()] == ["b.jsonl"]


def test_files_of_others_are_left_alone_and_named(source, tmp_path):
    out = run("exact", source, tmp_path / "out")
    theirs = out / "data/theirs.jsonl"
    theirs.write_text('{"id": "plain-5"}\n', encoding="utf-8")
    assert "1 file in" in forget("plain-5", out)[1]
    assert theirs.read_text(encoding="utf-8") == '{"id": "plain-5"}\n'


def test_a_run_in_work_is_refused(source, tmp_path):
    out = run("exact", source, tmp_path / "out")
    code = f"import sys; sys.path[:0] = {__import__('sys').path!r}\n"
    code += "from curator_engine.files.output_folder import take\n"
    code += f"folder = take({str(out)!r}, job='exact')\nprint('has it', flush=True)\ninput()\n"
    import subprocess
    import sys

    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"has it\n"
        status, _, err = forget("plain-5", out)
        other.communicate(b"\n")
    assert (status, "another run, process" in err) == (2, True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": "failed"}, "holds a run that is not finished (failed)"),
        ({"settings": {}}, "had no --id-field"),
    ],
)
def test_what_cannot_be_done_well_is_refused(source, tmp_path, change, message):
    out = run("exact", source, tmp_path / "out")
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    (out / "run.json").write_text(json.dumps(record | change), encoding="utf-8")
    before = left_in(out)
    code, _, err = forget("plain-5", out)
    assert (code, message in err) == (2, True)
    assert left_in(out) == before


def test_data_alone_can_be_searched_where_the_run_had_no_ids(source, tmp_path):
    out = tmp_path / "out"
    command("exact", source, "-o", out, "--workers", "1", "-q", "--max-rejected-ratio", "0.5")
    assert "taken out: data 1" in forget("plain-5", out, "--id-field", "id")[1]
    assert "plain-5" not in left_in(out)


@pytest.mark.parametrize("words", [["ids"], ["x", "gone"]])
def test_a_wrong_command_line_is_one_line_and_two(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    code, _, err = forget(*words)
    assert (code, len(err.splitlines())) == (2, 1)


def test_what_was_interrupted_is_done_by_the_same_once_more(source, tmp_path):
    out = run("exact", source, tmp_path / "out")
    whole = run("exact", source, tmp_path / "whole")
    forget(*GONE, whole)
    import pyarrow as pa

    from curator_text.removal.forget_documents import Forgetting, forget_in_tables

    # As a call that was killed leaves it: the tables are done, and the rest is not.
    with take(str(out), job="exact", mode="resume"):
        forget_in_tables(str(out), Forgetting(ids=pa.array(GONE)))
    assert "plain-0" in left_in(out)
    code, said, _ = forget(*GONE, out)
    assert (code, said.startswith(("7 of 8 ", "8 of 8 "))) == (0, True)
    assert table(out, "removed") == table(whole, "removed")
    assert table(out, "clusters") == table(whole, "clusters")
    assert (out / "data/a.jsonl").read_bytes() == (whole / "data/a.jsonl").read_bytes()
    assert "plain-0" not in left_in(out)


def test_tokens_and_models_are_refused_as_a_document_stays_in_them(source, tmp_path):
    run("tokenize", source, tmp_path / "tokens")
    good, bad = write_kinds(tmp_path)
    command("train", good, bad, "-o", tmp_path / "model", "-q")
    for name, what in {"tokens": "the tokens of tokenize", "model": "the model of train"}.items():
        before = left_in(tmp_path / name)
        code, _, err = forget("plain-0", tmp_path / name)
        assert (code, what in err) == (2, True)
        assert left_in(tmp_path / name) == before


def test_a_run_whose_last_step_holds_tokens_is_refused(source, tmp_path):
    steps = f"input: {source}\noutput: {tmp_path / 'out'}\nsteps: [exact, tokenize]\n"
    (tmp_path / "job.yaml").write_text(steps, encoding="utf-8")
    command("run", tmp_path / "job.yaml", "-q", "--set", "max_rejected_ratio=0.5")
    code, _, err = forget("plain-0", tmp_path / "out")
    assert (code, "the tokens of tokenize" in err) == (2, True)
