"""The command that blends."""

import json

import pytest
from text_toys import command, write_jsonl
from token_toys import folder_documents, make_tokens, text_of


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("in")
    for name, count in (("web", 30), ("books", 10)):
        make_tokens(folder / name, [{"text": f"{name} {n:02d}"} for n in range(count)])
    return [folder / "web", folder / "books"]


def test_what_is_drawn_is_said_before_and_after(folders, tmp_path):
    words = (
        "blend",
        *folders,
        "-o",
        tmp_path / "out",
        "--weights",
        "web=1,books=1",
        "--tokens",
        "180",
    )
    code, out, said = command(*words)
    assert code == 0
    assert "web: weight 50.0%, 90 of its 210 tokens (0.43 epochs); 120 stay unused" in said
    assert "books: weight 50.0%, all of its 90 tokens, once (1 epoch)" in said
    lines = out.splitlines()
    assert lines[0].startswith("181 tokens (uint16), 23 documents")
    assert lines[1].endswith("119 tokens in 17 documents left unused")
    code, out, said = command(*words, "--resume", "--json")
    found = json.loads(out)
    assert "nothing to do" in said
    assert (found["documents"], found["kept"], found["removed"]) == (40, 23, 17)
    assert "weight" in (tmp_path / "out/report.html").read_text()


def test_a_dry_run_says_the_same_and_writes_nothing(folders, tmp_path):
    words = ("--weights", "web=1,books=3", "--tokens", "1K", "--max-epochs", "4")
    code, out, _ = command("blend", *folders, "-o", tmp_path / "out", *words, "--dry-run")
    assert code == 0
    assert "books would be read 8.33 times for its weight; --max-epochs stops it at 4.00" in out
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--weights", "web=1"], "books has none"),
        (["--weights", "web=1,bokos=2"], "did you mean 'books'?"),
        (["--weights", "web=0,books=0"], "all 0"),
        (["--weights", "web=1,books=-2"], "negative"),
        (["--tokens", "many"], "no number of tokens"),
        (["--max-epochs", "0"], "not above 0"),
        (["--split", "98"], "such as 98,1,1"),
        (["--split", "98,1,1", "--split-by", "site"], "tokenize with --fields url"),
    ],
)
def test_what_is_wrong_is_one_line(folders, tmp_path, words, said):
    code, out, err = command("blend", *folders, "-o", tmp_path / "out", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_texts_are_no_tokens(tmp_path):
    write_jsonl(tmp_path / "in.jsonl", [{"text": "a"}])
    code, _, err = command("blend", tmp_path, "-o", tmp_path / "out")
    assert code == 2
    assert len(err.splitlines()) == 1


def test_a_blend_is_a_step_of_a_job_file(tmp_path):
    rows = [{"text": f"words {n}", "of": f"o{n % 2}"} for n in range(20)]
    write_jsonl(tmp_path / "in.jsonl", rows)
    steps = "- tokenize: {source_field: of}\n- blend: {by_source: true, weights: [o0=1, o1=1]}\n"
    job = tmp_path / "job.yaml"
    job.write_text(f"input: in.jsonl\noutput: {tmp_path}/curated\nsteps:\n{steps}")
    code, _, err = command("run", job)
    assert code == 0, err
    documents = folder_documents(tmp_path / "curated/data")
    assert sorted(map(text_of, documents)) == sorted(row["text"] for row in rows)
