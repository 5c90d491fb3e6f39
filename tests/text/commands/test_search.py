"""`curator-text search` as a person uses it: over vectors of `embed`, and over those that `semantic` has left."""

import json

import pytest
from chat_server import chat_server, embedded
from text_toys import command, sentence, write_jsonl

TEXTS = [*(sentence(n, 20) for n in range(5)), sentence(2, 20)]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    rows = [{"key": f"d{n}", "text": text} for n, text in enumerate(TEXTS)]
    write_jsonl(folder / "in/x.jsonl", rows)
    common = ("--workers", "1", "-q")
    command("embed", folder / "in", "-o", folder / "vectors", "--id-field", "key", *common)
    fields = ("--embedding-field", "embeddings", "--id-field", "id", "--eps", "0.05")
    command("semantic", folder / "vectors/embeddings", *fields, "-o", folder / "deduped", *common)
    return folder


def found(*words):
    code, said, _ = command("search", *words, "--json")
    assert code == 0
    return [(row["id"], row["similarity"]) for row in json.loads(said)["documents"]]


def test_a_text_finds_itself_first_and_its_copy_next(runs):
    code, said, _ = command("search", runs / "vectors", TEXTS[2], "-k", "2")
    assert code == 0
    assert [line.split("  ")[:2] for line in said.splitlines()] == [
        ["1.0000", "d2"],
        ["1.0000", "d5"],
    ]
    assert " ".join(TEXTS[2].split())[:80] in said


def test_a_document_is_looked_for_by_its_id_or_its_place(runs):
    by_id = found(runs / "vectors", "--like", "d2")
    assert by_id[:2] == [("d2", 1.0), ("d5", 1.0)]
    assert found(runs / "vectors", "--like", "x.jsonl:2") == by_id
    assert [name for name, _ in found(runs / "vectors", "--like", "d2", "--where", "row > 3")] == [
        "d5",
        "d4",
    ]


def test_the_vectors_that_semantic_has_left_are_searched_as_well(runs):
    assert found(runs / "deduped", TEXTS[2])[0] == ("d2", 1.0)
    assert len(found(runs / "deduped", "--like", "d2")) == 5


def test_texts_that_are_gone_are_not_shown(tmp_path):
    write_jsonl(tmp_path / "x.jsonl", [{"text": "a few words"}])
    command("embed", tmp_path / "x.jsonl", "-o", tmp_path / "out", "--workers", "1", "-q")
    (tmp_path / "x.jsonl").unlink()
    assert command("search", tmp_path / "out", "words")[1].split()[1:] == ["x.jsonl:0"]


def test_a_text_is_embedded_by_the_endpoint_that_made_the_vectors(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    write_jsonl(tmp_path / "x.jsonl", [{"text": each} for each in ("one", "two", "six")])
    with chat_server(embedded) as server:
        words = ("--endpoint", server.url, "--model", "tiny", "--workers", "1", "-q")
        command("embed", tmp_path / "x.jsonl", "-o", tmp_path / "out", *words)
        assert found(tmp_path / "out", "two", "-k", "1") == [("x.jsonl:1", 1.0)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["vectors"], "1 given"),
        (["vectors", "a", "--like", "d1"], "2 given"),
        (["vectors", " "], "the text to look for is empty"),
        (["vectors", "--like", "gone"], "no document 'gone' with a vector"),
        (["in", "a"], "run.json"),
        (["vectors", "a", "-k", "0"], "--top 0 is below 1"),
        (["vectors", "a", "--where", "size > 1"], "no column 'size'"),
    ],
)
def test_what_cannot_be_looked_for_is_one_line_and_exit_two(runs, monkeypatch, words, message):
    monkeypatch.chdir(runs)
    code, _, said = command("search", *words)
    assert code == 2
    assert message in said


def test_a_run_without_vectors_says_how_to_make_some(runs, tmp_path):
    command("exact", runs / "in", "-o", tmp_path / "out", "--workers", "1", "-q")
    assert "make some with curator-text embed" in command("search", tmp_path / "out", "a")[2]
