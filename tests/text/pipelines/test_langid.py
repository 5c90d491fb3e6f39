"""The workflow that tells languages: rows keep their bytes, nothing is lost, whatever happens between."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filter_toys import files_of
from language_toys import ROWS, langid_into, language_of
from text_toys import rows_of, table, write_corpus, write_jsonl

from curator_engine.errors import SettingsError, StageError

FOLDERS = ("data", "removed", "languages")
KEPT = {row["id"] for row in ROWS if language_of(row) in ("eng", "deu")}


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A run over files of lines and of Parquet, with a bad line and a row without text."""
    folder = tmp_path_factory.mktemp("run")
    write_jsonl(folder / "in/a.jsonl", [*ROWS[:10], {"id": "none", "text": None}])
    with (folder / "in/a.jsonl").open("a", encoding="utf-8") as file:
        file.write("{bad\n")
    write_jsonl(folder / "in/sub/b.jsonl", ROWS[10:20])
    pq.write_table(pa.Table.from_pylist(ROWS[20:]), folder / "in/c.parquet", row_group_size=4)
    langid_into(folder / "in", folder / "out", id_field="id", keep=["en,de"], source_field="site")
    return folder / "out"


@pytest.fixture(scope="module")
def facts(out):
    return json.loads((out / "run.json").read_text(encoding="utf-8"))["facts"]


def data_rows(out):
    return [*rows_of(out), *pq.read_table(out / "data/c.parquet").to_pylist()]


def test_what_comes_in_is_in_data_removed_or_quarantine(out, facts):
    kept = {row["id"] for row in data_rows(out)}
    gone = {row["id"] for row in table(out, "removed")}
    assert kept == KEPT | {"none"}
    assert gone == {row["id"] for row in ROWS} - KEPT
    assert (facts["num_documents"], facts["no_text"], facts["lost_rows"]) == (30, 1, 1)


def test_rows_get_the_language_and_keep_their_bytes(out):
    old = (out.parent / "in/a.jsonl").read_text(encoding="utf-8").splitlines()[0]
    new = (out / "data/a.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert new.startswith(old.removesuffix("}"))
    added = json.loads(new)
    assert (added["language"], added["language_script"]) == ("eng", "Latn")
    assert added["language_score"] > 0.9


def test_every_row_of_parquet_has_the_fields_and_their_types(out):
    schema = pq.read_schema(out / "data/c.parquet")
    assert schema.field("language_score").type == pa.float64()
    assert schema.field("other_languages").type == pa.list_(pa.string())
    assert [*schema.names[:3]] == ["id", "site", "text"]


def test_every_document_has_a_row_of_languages(out):
    rows = {row["id"]: row for row in table(out, "languages")}
    assert {row["id"]: language_of(row) for row in ROWS} == {
        i: r["language"] for i, r in rows.items()
    }
    assert {i for i, row in rows.items() if row["keep"]} == KEPT
    assert rows["und0"]["reason"] == "language und is not kept"


def test_without_languages_to_keep_all_stay(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    facts = langid_into(source, tmp_path / "out")
    assert facts["num_removed"] == 0
    assert [row["language"] for row in rows_of(tmp_path / "out")] == [language_of(r) for r in ROWS]


@pytest.mark.parametrize("detector", ["py3langid", "eldc"])
def test_the_other_detectors_say_the_same_of_plain_texts(tmp_path, detector):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    langid_into(source, tmp_path / "out", detector=detector)
    assert [row["language"] for row in rows_of(tmp_path / "out")] == [language_of(r) for r in ROWS]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"keep": ["klingon"]}, "no code of a language"),
        ({"min_score": 2}, r"--min-score 2 is not in"),
        ({"model": "x", "detector": "eldc"}, "exclude each other"),
        ({"text_field": "language"}, "another option's"),
        ({"language_field": "a/b"}, "is no name"),
    ],
)
def test_what_cannot_work_is_refused(tmp_path, settings, message):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS[:3])
    with pytest.raises(SettingsError, match=message):
        langid_into(source, tmp_path / "out", **settings)
    assert not (tmp_path / "out").exists()


def test_too_large_a_loss_stops_before_data_is_written(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    with pytest.raises(StageError, match=r"more than max_removed_ratio=0\.1"):
        langid_into(source, tmp_path / "out", keep=["en"], max_removed_ratio=0.1)
    assert files_of(tmp_path / "out", "data") == {}


def test_a_kept_cache_serves_another_choice(tmp_path):
    source = write_corpus(tmp_path / "in", ROWS, files=4)
    for keep in (["en"], ["de"]):
        langid_into(source, tmp_path / "out", keep=keep, cache=str(tmp_path / "cache"))
    record = json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))
    assert record["steps"]["detect"]["sources_resumed"] == 4
    langid_into(source, tmp_path / "whole", keep=["de"])
    assert files_of(tmp_path / "out", *FOLDERS) == files_of(tmp_path / "whole", *FOLDERS)
