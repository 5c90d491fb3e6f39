"""`curator-text embed` as a person uses it: what is typed, what is seen, what is left."""

import json

import pytest
from chat_server import chat_server, embedded
from text_toys import command, leave_as_killed_at_the_end, sentence, write_jsonl


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    rows = [{"text": sentence(n, 20)} for n in range(6)]
    return write_jsonl(tmp_path_factory.mktemp("corpus") / "x.jsonl", rows)


def run(*words):
    return command("embed", *words, "--workers", "1")


def test_it_says_what_the_vectors_are_and_what_they_see(source, tmp_path):
    code, said, told = run(source, "-o", tmp_path / "out")
    counts, made, last = said.splitlines()
    assert code == 0
    assert counts.startswith("6 documents: 6 kept, 0 removed (0.0%), ")
    assert made == "  embeddings: fingerprint, 512 numbers per document"
    wording = "fingerprints see wording, not meaning; give --model or --endpoint for meaning"
    assert told.splitlines().count(wording) == 1
    assert last == f"result in {tmp_path / 'out'}: report.html, embeddings/, run.json"


def test_a_dry_run_says_the_plan_and_writes_nothing(source, tmp_path):
    _, said, _ = run(source, "-o", tmp_path / "out", "--dry-run", "--keep-text")
    assert "embeddings: fingerprint, 512 numbers per document" in said
    assert "  remove" in said
    assert not (tmp_path / "out").exists()


def test_an_endpoint_is_asked_for_its_model_and_a_dry_run_asks_for_no_vector(
    source, tmp_path, monkeypatch
):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with chat_server(embedded, models=("tiny",)) as server:
        words = (source, "--endpoint", server.url, "--usd-in", "1000000", "--batch-size", "4")
        _, planned, _ = run(*words, "-o", tmp_path / "out", "--dry-run")
        asked = [each["path"] for each in server.requests]
        _, said, _ = run(*words, "-o", tmp_path / "out", "--json", "-q")
    assert "embeddings: tiny, about 2 requests of " in planned
    assert asked == ["/v1/models"]
    summary = json.loads(said)
    assert (summary["model"], summary["dims"], summary["usd"]) == ("tiny", 7, 24.0)


def test_a_killed_run_ends_in_the_same_bytes(source, tmp_path):
    out = tmp_path / "out"
    run(source, "-o", out, "--keep-text")
    files = {path: path.read_bytes() for path in [*out.glob("data/*"), *out.glob("embeddings/*")]}
    leave_as_killed_at_the_end(out)
    assert run(source, "-o", out, "--keep-text", "--resume")[0] == 0
    assert {path: path.read_bytes() for path in files} == files


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--model", "./gone"], "'./gone' is neither a folder nor a hub id"),
        (["--embedding-field", "row"], "--embedding-field row is a column of the result"),
        (["--pooling", "cls"], "give its folder or hub id by --model"),
        (["--endpoint", "ftp://x"], "the endpoint's URL must be http(s)"),
    ],
)
def test_bad_options_are_one_line_exit_two_and_no_work(source, tmp_path, words, message):
    code, _, said = run(source, "-o", tmp_path / "out", *words)
    assert code == 2
    assert message in said
    assert not (tmp_path / "out").exists()
