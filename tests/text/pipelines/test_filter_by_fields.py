"""Conditions of `filter` on fields of documents, such as the licence."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filter_toys import filter_into, toy_recipe
from text_toys import table, write_jsonl

from curator_engine.errors import SettingsError
from curator_text.pipelines.filter import FilterWorkflow
from curator_text.settings import FilterSettings

TEXT = "five words are in here"
ROWS = [
    {"id": "0", "text": TEXT, "licence": "cc-by", "year": 2020, "robots": True},
    {"id": "1", "text": TEXT, "licence": "none", "year": 2024, "robots": False},
    {"id": "2", "text": TEXT, "licence": None, "year": "2024", "robots": "yes"},
    {"id": "3", "text": TEXT, "year": "unknown", "robots": True},
    {"id": "4", "text": None, "licence": "cc-by"},
    {"id": "5", "text": "two words", "licence": "cc-by", "year": 2024, "robots": True},
]


def kept(out):
    return {row["id"] for row in table(out, "scores") if row["keep"]}


def put(folder, form):
    if form == "jsonl":
        return str(write_jsonl(folder / "in/x.jsonl", ROWS))
    folder = folder / "in"
    folder.mkdir()
    rows = [{**row, "year": None, "robots": row.get("robots") is True} for row in ROWS]
    pq.write_table(pa.Table.from_pylist(rows), folder / "x.parquet", row_group_size=2)
    return str(folder / "x.parquet")


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("licence == 'cc-by'", {"0"}),
        ("licence in ('cc-by', 'none') and words > 3", {"0", "1"}),
        ("licence is None", {"2", "3"}),
        ("year >= 2021", {"1", "2"}),
        ("year == 'unknown'", {"3"}),
        ("robots == True", {"0", "3"}),
        ("licence != 'none' or year > 2023", {"0", "1", "2"}),
    ],
)
def test_a_field_decides_with_the_scores(tmp_path, where, expected):
    filter_into(put(tmp_path, "jsonl"), tmp_path / "out", where=where, id_field="id")
    assert kept(tmp_path / "out") == expected


def test_fields_of_parquet_decide_as_well(tmp_path):
    where = "licence == 'cc-by' and robots == True"
    filter_into(put(tmp_path, "parquet"), tmp_path / "out", where=where, id_field="id")
    assert kept(tmp_path / "out") == {"0"}


def test_pieces_and_small_files_give_the_same(tmp_path):
    for n in range(130):
        rows = [{"id": f"{n}-{k}", "text": TEXT, "site": "ab"[k % 2]} for k in range(3)]
        write_jsonl(tmp_path / f"in/{n:03d}.jsonl", rows)
    filter_into(str(tmp_path / "in"), tmp_path / "out", where="site == 'a'", id_field="id")
    assert kept(tmp_path / "out") == {f"{n}-{k}" for n in range(130) for k in (0, 2)}


def test_a_folder_that_names_a_value_is_a_field(tmp_path):
    for year in (2020, 2024):
        write_jsonl(tmp_path / f"in/year={year}/x.jsonl", [{"id": f"{year}", "text": TEXT}])
    filter_into(str(tmp_path / "in"), tmp_path / "out", where="year > 2021", id_field="id")
    assert kept(tmp_path / "out") == {"2024"}


def test_the_tables_and_the_page_have_the_field(tmp_path):
    filter_into(put(tmp_path, "jsonl"), tmp_path / "out", where="licence == 'cc-by'", id_field="id")
    gone = {
        row["id"]: (row["licence"], row["reason"]) for row in table(tmp_path / "out", "removed")
    }
    assert gone["1"] == ("none", "not licence == 'cc-by'")
    assert (tmp_path / "out/report.html").exists()
    record = json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))
    assert not [note for note in record["facts"]["notes"] if "report" in note]


def test_a_name_that_is_nowhere_is_refused_before_work(tmp_path):
    with pytest.raises(SettingsError, match="licens"):
        filter_into(put(tmp_path, "jsonl"), tmp_path / "out", where="licens == 'cc-by'")
    assert not (tmp_path / "out").exists()


def test_a_score_that_is_written_wrongly_is_named(tmp_path):
    with pytest.raises(SettingsError, match="did you mean words"):
        filter_into(put(tmp_path, "jsonl"), tmp_path / "out", where="wordz > 3")


def test_scores_of_an_earlier_run_go_with_another_field(tmp_path):
    source = put(tmp_path, "jsonl")
    filter_into(source, tmp_path / "first", id_field="id")
    first, out = str(tmp_path / "first"), tmp_path / "again"
    filter_into(source, out, id_field="id", scores=first, where="year >= 2021")
    assert kept(tmp_path / "again") == {"1", "2"}


def test_a_column_of_the_result_is_no_field():
    settings = FilterSettings(inputs=["x"], output="out", where="rule == 'words'")
    with pytest.raises(SettingsError, match="no field but a column"):
        FilterWorkflow(settings=settings, own_recipe=toy_recipe()).check()
