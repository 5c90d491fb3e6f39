"""Private data: masked, hashed or dropped; and nowhere in what a run leaves."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import rows_of, table, write_jsonl

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_text.pii.editor import KEY_VARIABLE
from curator_text.pipelines.pii import PiiWorkflow
from curator_text.settings import PiiSettings

VALUES = ["jo@example.org", "(212) 736-5000", "4111 1111 1111 1111", "AKIAIOSFODNN7EXAMPLE"]
ROWS = [
    {"id": "who@example.org", "text": f"Write to {VALUES[0]}.", "n": 1},
    {"id": "b", "text": f"Call {VALUES[1]}, pay by {VALUES[2]}; {VALUES[3]}"},
    {"id": "c", "text": "Nothing."},
    {"id": "d", "text": None},
]


def corpus(folder):
    write_jsonl(folder / "a.jsonl", ROWS)
    with (folder / "a.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"text": "bad@example.org\n')
    (folder / "b.jsonl").write_bytes(b'{"text": "odd@example.org \xff"}\n{"text": "x"}\n')
    pq.write_table(pa.table({"text": [f"To {VALUES[0]}", "plain"]}), folder / "c.parquet")
    return folder


def pii_into(source, out, **settings):
    given = PiiSettings(inputs=[str(source)], output=str(out), id_field="id", **settings)
    executor = LocalExecutor({"workers": 1, "on_error": "quarantine"})
    return PiiWorkflow(settings=given).run(executor).metadata


def everything_in(out, *, but=()):
    """The text of all that a run has left, tables as values."""
    parts = []
    for path in sorted(out.rglob("*")):
        if path.is_file() and path.relative_to(out).parts[0] not in but:
            is_table = path.suffix == ".parquet"
            parts.append(str(pq.read_table(path).to_pylist()) if is_table else path.read_text())
    return "\n".join(parts)


@pytest.mark.parametrize("action", ["mask", "hash", "drop"])
def test_what_is_found_stands_nowhere_in_the_result(tmp_path, action, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, "s3cret-key")
    facts = pii_into(corpus(tmp_path / "in"), tmp_path / "out", action=action)
    said = everything_in(tmp_path / "out", but=["data"])
    for value in [*VALUES, "who@", "bad@", "odd@", "s3cret-key"]:
        assert value not in said
    data = everything_in(tmp_path / "out")
    assert not any(value in data for value in [*VALUES, "bad@", "odd@", "s3cret-key"])
    assert facts["met"] == {"email": 2, "ip": 0, "phone": 1, "card": 1, "iban": 0, "key": 1}
    assert (facts["num_documents"], facts["lost_rows"]) == (7, 2)


def test_nothing_is_in_a_kept_cache_either(tmp_path):
    pii_into(corpus(tmp_path / "in"), tmp_path / "out", cache=str(tmp_path / "cache"))
    raw = b"".join(path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert not any(value.encode() in raw for value in [*VALUES, "who@", "bad@", "odd@"])


def test_a_mask_takes_the_place_and_the_rest_of_the_row_stays(tmp_path):
    pii_into(corpus(tmp_path / "in"), tmp_path / "out")
    rows = {row["id"]: row for row in rows_of(tmp_path / "out") if "id" in row}
    assert rows["who@example.org"] == {**ROWS[0], "text": "Write to <EMAIL>."}
    assert rows["b"]["text"] == "Call <PHONE>, pay by <CARD>; <KEY>"
    assert pq.read_table(tmp_path / "out/data/c.parquet")["text"].to_pylist() == [
        "To <EMAIL>",
        "plain",
    ]
    changes = {row["id"]: row for row in table(tmp_path / "out", "changes")}
    assert (changes["b"]["phone"], changes["b"]["email"]) == (1, 0)
    assert changes["<EMAIL>"]["email"] == 1


def test_dropped_documents_leave_their_place_and_counts(tmp_path):
    pii_into(corpus(tmp_path / "in"), tmp_path / "out", action="drop", kinds=["phone", "card"])
    [row] = table(tmp_path / "out", "removed")
    assert (row["id"], row["file"], row["row"]) == ("b", "a.jsonl", 1)
    assert row["reason"] == "1 card, 1 phone"
    assert "b" not in {row.get("id") for row in rows_of(tmp_path / "out")}


def test_a_line_that_cannot_be_read_leaves_its_place_and_length(tmp_path):
    pii_into(corpus(tmp_path / "in"), tmp_path / "out")
    files = [
        path.read_text() for path in (tmp_path / "out/quarantine").rglob("*") if path.is_file()
    ]
    records = [json.loads(line) for text in files for line in text.splitlines()]
    assert {record["length"] for record in records} == {26, 30}


def test_a_hash_needs_a_key_before_any_work(tmp_path, monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with pytest.raises(SettingsError, match="--action hash: there is no key"):
        pii_into(corpus(tmp_path / "in"), tmp_path / "out", action="hash")
    assert not (tmp_path / "out").exists()


def test_another_key_makes_another_result(tmp_path, monkeypatch):
    keys = []
    for key in ("a", "b"):
        monkeypatch.setenv(KEY_VARIABLE, key)
        settings = PiiSettings(inputs=["x"], output="y", action="hash")
        keys.append(PiiWorkflow(settings=settings).editor_key)
    assert keys[0] != keys[1]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"kinds": ["name"]}, "no kind 'name'"), ({"region": ["Europe"]}, "--region EUROPE is no")],
)
def test_a_kind_or_region_that_is_none_is_refused(wrong, message):
    with pytest.raises(SettingsError, match=message):
        PiiWorkflow(settings=PiiSettings(inputs=["x"], output="y", **wrong)).check()
