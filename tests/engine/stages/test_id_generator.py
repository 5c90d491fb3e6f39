"""Whole-number ids of rows, a range per file."""

import json
import uuid
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import InputError, SettingsError
from curator_engine.stages import id_generator
from curator_engine.stages.id_generator import IdGeneratorBase, ranges_of, rows_of


@pytest.fixture
def files(tmp_path):
    """Three rows of lines, with one that is blank and one that is bad, and two of Parquet."""
    (tmp_path / "a.jsonl").write_bytes(b'{"n":1}\n\nbad\n{"n":2}\n{"n":3}')
    pq.write_table(pa.table({"n": [1, 2]}), tmp_path / "b.parquet")
    return [str(tmp_path / "a.jsonl"), str(tmp_path / "b.parquet")]


@pytest.fixture(autouse=True)
def _no_generator_before_or_after():
    id_generator.kill_id_generator_actor()
    yield
    id_generator.kill_id_generator_actor()


def test_a_group_gets_the_next_ids_once():
    ids = IdGeneratorBase(10)
    assert [ids.register_batch(files, 5) for files in ("a", ["b", "c"], ["a"])] == [10, 15, 10]
    assert ids.get_batch_range(["b", "c"], None) == (15, 19)
    assert ids.get_batch_range(None, ids.hash_files("a")) == (10, 14)


def test_a_key_is_the_name_based_uuid_of_the_paths():
    assert IdGeneratorBase().hash_files(["a", "b"]) == str(uuid.uuid5(uuid.NAMESPACE_URL, "a;b"))


@pytest.mark.parametrize("given", [(None, None), ("a", "b")])
def test_files_or_a_key_are_asked_for(given):
    with pytest.raises(SettingsError, match="files or key"):
        IdGeneratorBase().get_batch_range(*given)


def test_every_line_and_every_row_of_parquet_counts(files):
    assert [rows_of(path) for path in files] == [5, 2]


def test_files_get_ranges_in_their_order_and_keep_them(files, tmp_path):
    state = str(tmp_path / "ids.json")
    IdGeneratorBase().to_disk(state)
    assert ranges_of(files, state, generate=True) == [(0, 5), (5, 2)]
    assert ranges_of(files[::-1], state, generate=True) == [(5, 2), (0, 5)]
    assert set(json.loads(Path(state).read_bytes())) == {"next_id", "batch_registry"}


def test_a_file_without_ids_has_none_if_none_are_generated(files, tmp_path):
    state = str(tmp_path / "ids.json")
    IdGeneratorBase().to_disk(state)
    assert ranges_of(files, state, generate=False) == [None, None]


def test_a_path_is_the_same_file_absolute_or_not(files, tmp_path, monkeypatch):
    state = str(tmp_path / "ids.json")
    IdGeneratorBase().to_disk(state)
    ranges_of(files, state, generate=True)
    monkeypatch.chdir(tmp_path)
    assert ranges_of(["./b.parquet", "a.jsonl"], state, generate=False) == [(5, 2), (0, 5)]


def test_the_present_generator_goes_from_file_to_file(files, tmp_path):
    id_generator.create_id_generator_actor()
    ranges_of(files, id_generator.present_state(), generate=True)
    id_generator.write_id_generator_to_disk(str(tmp_path / "kept.json"))
    id_generator.create_id_generator_actor(str(tmp_path / "kept.json"))
    assert id_generator.get_id_generator_actor().next_id == 7


def test_a_generator_that_was_ended_leaves_no_file():
    id_generator.create_id_generator_actor()
    state = id_generator.present_state()
    id_generator.kill_id_generator_actor()
    assert not Path(state).exists()
    with pytest.raises(SettingsError, match="call create_id_generator_actor"):
        id_generator.get_id_generator_actor()


@pytest.mark.parametrize(
    "text", ["", "[]", '{"next_id": "x", "batch_registry": {}}', '{"next_id": 1}']
)
def test_a_file_without_ranges_is_said(tmp_path, text):
    (tmp_path / "ids.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="does not hold ranges of ids"):
        IdGeneratorBase.from_disk(str(tmp_path / "ids.json"))


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        IdGeneratorBase.from_disk(str(tmp_path / "none.json"))
