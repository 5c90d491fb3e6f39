"""Why a document left or stayed."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from text_toys import (
    command,
    corpus,
    deduplicate,
    edited,
    removed,
    sentence,
    table,
    write_corpus,
    write_jsonl,
)

from curator_engine.errors import InputError
from curator_text.commands.explain import explain
from curator_text.removal.run_folder import open_run

COMMAND = str(Path(sys.executable).parent / "curator-text")


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    deduplicate(write_corpus(folder / "in", corpus()), folder / "out", id_field="id")
    return folder / "out"


def answer(out, name):
    return explain(open_run(str(out)), name, context=5)


def told(*words):
    return command("explain", *words)


def on_a_terminal(*words, **environment):
    """What the command writes to a terminal."""
    reader, writer = pty.openpty()
    variables = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | environment
    words = [COMMAND, "explain", *map(str, words)]
    subprocess.run(words, stdout=writer, env=variables, check=True)
    os.close(writer)
    shown = b""
    try:
        while data := os.read(reader, 1 << 16):
            shown += data
    except OSError:
        pass  # Linux ends a terminal that nobody writes to with an error.
    os.close(reader)
    return shown.decode()


def near_duplicate(out):
    return next(row for row in table(out, "removed") if row["similarity"] < 1)


def test_a_removed_document_names_what_it_matched(out):
    for name, (kept, similarity) in list(removed(out).items())[:5]:
        found = answer(out, name)
        assert (found.status, found.kept_id, found.similarity) == ("removed", kept, similarity)


def test_the_difference_leads_from_the_kept_document_to_the_removed_one(out):
    row = near_duplicate(out)
    texts = {each["id"]: each["text"] for each in corpus()}
    pieces = answer(out, row["id"]).difference
    deleted = [piece.text for piece in pieces if piece.kind == "deleted"]
    inserted = [piece.text for piece in pieces if piece.kind == "inserted"]
    assert all(text in texts[row["kept_id"]] for text in deleted)
    assert all(text in texts[row["id"]] for text in inserted)
    assert deleted


def test_a_document_is_found_by_its_place(out):
    row = near_duplicate(out)
    assert answer(out, f"{row['file']}:{row['row']}").id == row["id"]


def test_a_kept_document_names_its_cluster(out):
    cluster = table(out, "clusters")[0]
    found = answer(out, cluster["cluster_id"])
    assert (found.status, found.cluster["members"]) == ("kept", cluster["members"])


@pytest.mark.parametrize("form", ["id", "place"])
def test_a_kept_document_without_duplicates_is_kept(out, form):
    rows = corpus()
    named = removed(out).keys() | {kept for kept, _ in removed(out).values()}
    number, row = next((i, r) for i, r in enumerate(rows) if r["id"] not in named)
    size = -(-len(rows) // 3)
    name = row["id"] if form == "id" else f"{number // size}.jsonl:{number % size}"
    assert (answer(out, name).status, answer(out, name).cluster) == ("kept", {})


@pytest.mark.parametrize("name", ["nobody", "0.jsonl:9999", "gone.jsonl:1"])
def test_an_unknown_document_is_an_error(out, name):
    with pytest.raises(InputError, match=f"no document {name!r} in .*; give a value of the field"):
        answer(out, name)


def test_a_run_without_an_id_field_says_what_its_documents_are_called(tmp_path):
    source = write_jsonl(tmp_path / "part.jsonl", [{"id": "d1", "text": sentence(1)}])
    deduplicate(source, tmp_path / "out")
    with pytest.raises(InputError, match=r"had no --id-field.* FILE:ROW.*such as part\.jsonl:0"):
        answer(tmp_path / "out", "d1")
    assert answer(tmp_path / "out", "part.jsonl:0").status == "kept"


def test_an_unknown_document_ends_with_two(out):
    code, _, err = told(out, "--id", "nobody")
    assert (code, len(err.splitlines())) == (2, 1)


def test_a_folder_that_is_no_run_is_an_error(tmp_path):
    assert told(tmp_path, "--id", "x")[0] == 2


def test_the_page_of_text_says_why_it_left(out):
    row = near_duplicate(out)
    code, shown, _ = told(out, "--id", row["id"])
    assert code == 0
    assert shown.startswith(
        f"{row['id']}: removed as a duplicate of {row['kept_id']}; similarity 0."
    )
    assert "threshold 0.8" in shown
    assert "[-" in shown
    assert "\x1b" not in shown


def test_json_holds_the_answer(out):
    row = near_duplicate(out)
    _, shown, _ = told(out, "--id", row["id"], "--json")
    record = json.loads(shown)
    assert (record["status"], record["kept_id"]) == ("removed", row["kept_id"])
    assert record["threshold"] == 0.8


def test_a_terminal_gets_colours_unless_it_wants_none(out):
    name = near_duplicate(out)["id"]
    assert "\x1b[32m" in on_a_terminal(out, "--id", name)
    assert "\x1b" not in on_a_terminal(out, "--id", name, NO_COLOR="1")


def test_a_text_cannot_steer_the_terminal(tmp_path):
    rows = [{"text": sentence(1)}, {"text": sentence(1) + " \x1b[2J"}]
    deduplicate(write_jsonl(tmp_path / "x.jsonl", rows), tmp_path / "out")
    assert "\x1b[2J" not in on_a_terminal(tmp_path / "out", "--id", "x.jsonl:1")


def test_an_input_that_has_changed_is_said(tmp_path):
    rows = [{"text": sentence(1)}, {"text": edited(sentence(1), 1)}]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    deduplicate(source, tmp_path / "out", threshold=0.7)
    write_jsonl(source, [*rows, {"text": "new"}])
    found = answer(tmp_path / "out", "x.jsonl:1")
    assert (found.status, found.difference) == ("removed", [])
    assert "has changed since the run" in found.trouble


def test_of_an_input_that_is_gone_no_more_is_known(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": "a"}])
    deduplicate(source, tmp_path / "out")
    Path(source).unlink()
    with pytest.raises(InputError, match=r"more is not known: .* is gone"):
        answer(tmp_path / "out", "x.jsonl:0")


def test_a_repeated_id_is_said(tmp_path):
    rows = [{"id": "a", "text": sentence(1)}] * 3
    deduplicate(write_jsonl(tmp_path / "x.jsonl", rows), tmp_path / "out", id_field="id")
    assert answer(tmp_path / "out", "a").more == 1


def test_an_id_is_looked_for_in_the_input_where_no_data_was_written(tmp_path):
    rows = [{"id": 7, "text": "a"}, {"id": "ü", "text": "b"}]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    deduplicate(source, tmp_path / "out", id_field="id", perform_removal=False)
    assert [answer(tmp_path / "out", name).status for name in ("7", "ü")] == ["kept", "kept"]


def test_without_verification_no_similarity_is_claimed(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": sentence(1)}] * 2)
    deduplicate(source, tmp_path / "out", verify=False)
    _, shown, _ = told(tmp_path / "out", "--id", "x.jsonl:1")
    assert "their similarity was not computed" in shown
