"""Runs of documents, sorted by a key."""

import numpy as np
import pyarrow as pa

from curator_text.tokenize.runs import (
    KEYS,
    Piece,
    Run,
    known_runs,
    mixed,
    save_run,
    save_runs,
    shuffle_keys,
)


def run_of(tmp_path, keys, **more):
    lengths = np.arange(1, len(keys) + 1)
    tokens = np.repeat(np.array(keys), lengths)
    table = pa.table(
        {
            "key": pa.array(keys, pa.int64()),
            "length": pa.array(lengths, pa.int64()),
            "place": pa.array(range(len(keys)), pa.int64()),
            "line": pa.array(range(len(keys)), pa.int64()),
            "id": pa.array(["x", *[None] * (len(keys) - 1)], pa.string()),
        }
    )
    save_run(str(tmp_path / "r"), table, tokens, kind="uint16")
    return Run(stem=str(tmp_path / "r"), kind="uint16", documents=len(keys), **more)


def test_a_run_is_sorted_and_gives_what_has_its_keys_in_a_range(tmp_path):
    run = run_of(tmp_path, [7, 3, 9, 5])
    rows = run.between(4, 9)
    assert rows.column("key").to_pylist() == [5, 7]
    assert run.tokens(rows).tolist() == [5, 5, 5, 5, 7]
    assert run.between(0, KEYS).column("key").to_pylist() == [3, 5, 7, 9]
    assert run.tokens(run.between(4, 5)).tolist() == []


def test_keys_that_are_places_become_numbers_of_documents(tmp_path):
    run = run_of(tmp_path, [0, 1, 2], low=10)
    assert run.between(11, 99).column("key").to_pylist() == [11, 12]
    assert run.between(0, 10).num_rows == run.between(13, 99).num_rows == 0


def test_rows_are_called_by_file_and_row_unless_they_have_an_id(tmp_path):
    pieces = (
        Piece(first=0, name="a.jsonl", first_line=100),
        Piece(first=2, name="b.jsonl", first_line=-2),
    )
    run = run_of(tmp_path, [2, 0, 1], pieces=pieces)
    rows = run.described(run.between(0, KEYS))
    assert rows.column("id").to_pylist() == ["a.jsonl:101", "b.jsonl:0", "x"]


def test_the_list_of_runs_is_kept(tmp_path):
    runs = [run_of(tmp_path, [1], pieces=(Piece(first=0, name="a", first_line=0),))]
    save_runs(str(tmp_path), runs)
    assert known_runs(str(tmp_path)) == tuple(runs)


def test_keys_depend_on_file_place_and_seed_and_look_random():
    names, places = np.zeros(10_000, np.uint64), np.arange(10_000)
    keys = shuffle_keys(names, places, seed=1)
    assert keys.min() >= 0
    assert len(set(keys.tolist())) == 10_000
    assert abs(np.corrcoef(keys, places)[0, 1]) < 0.05
    assert not np.array_equal(keys, shuffle_keys(names, places, seed=2))
    assert not np.array_equal(keys, shuffle_keys(names + np.uint64(1), places, seed=1))


def test_the_mixer_is_splitmix64():
    # The first output of the published generator with state 0.
    assert int(mixed(np.zeros(1, np.uint64))[0]) == 0xE220A8397B1DCDAF
