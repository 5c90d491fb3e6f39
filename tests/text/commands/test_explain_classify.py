"""`explain` for a run that classifies."""

import pytest
from chat_server import chat_server, echoed
from classify_toys import classify_into, write_linear
from text_toys import command, write_jsonl


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    rows = [{"id": "a", "text": "a river"}, {"id": "b", "text": "casino"}]
    source = write_jsonl(folder / "x.jsonl", rows)
    model = write_linear(folder / "model")
    classify_into(source, folder / "out", model=model, filter_by=["good"], id_field="id")
    return folder / "out"


def test_why_a_document_left_or_stayed(done):
    code, said, _ = command("explain", done, "--id", "b")
    assert code == 0
    assert said.startswith("b: removed; model_label bad is not kept")
    assert "model_score" in said
    assert command("explain", done, "--id", "x.jsonl:0")[1].startswith("a: kept")


def test_a_document_that_is_not_there(done):
    code, _, said = command("explain", done, "--id", "c")
    assert code == 2
    assert "no document 'c' with a text" in said


def test_what_a_run_of_generate_asked_and_documents_that_it_did_not_read(tmp_path):
    rows = [{"text": "a river that flows"}, {"text": "a casino"}]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    recipe = tmp_path / "short.yaml"
    recipe.write_text('output_field: short\nprompt: "Say it shortly: {text}"\n')
    with chat_server(echoed) as server:
        given = ("--endpoint", server.url, "--recipe", recipe, "--limit", 1, "-q")
        command("generate", source, "-o", tmp_path / "out", *given)
    said = command("explain", tmp_path / "out", "x.jsonl:0")[1]
    assert said.startswith("x.jsonl:0: kept")
    assert f"asked by recipe {recipe}" in said
    code, _, error = command("explain", tmp_path / "out", "x.jsonl:1")
    assert code == 2
    assert "give an id as in answers/" in error
