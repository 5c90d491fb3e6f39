"""Near-duplicates among vectors whose similarities are known."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import InputError
from curator_engine.items.near_duplicates import (
    MOST_EPS,
    find_near_duplicates,
    mark,
    read_embeddings,
)
from curator_engine.vectors.matrix import unit_rows

DIMS = 64


def vectors(count, *, copies=0, noise=0.05, seed=0):
    """Unrelated vectors, and behind them one noisy copy of each of the first ones."""
    random = np.random.default_rng(seed)
    base = unit_rows(random.normal(size=(count, DIMS)))
    near = unit_rows(base[:copies] + noise * random.normal(size=(copies, DIMS)) / DIMS**0.5)
    return np.concatenate([base, near])


def named(count):
    return [f"c{i:05}" for i in range(count)]


def pairs(found):
    return [(row["id"], row["kept_id"]) for row in found.table.to_pylist()]


def test_a_copy_goes_and_names_the_one_that_stays():
    found = find_near_duplicates(named(6), vectors(4, copies=2), eps=0.03)
    assert pairs(found) == [("c00004", "c00000"), ("c00005", "c00001")]
    assert all(0.97 < row["similarity"] < 1 for row in found.table.to_pylist())
    assert found.clusters == 1


def test_groups_are_numbered_and_hold_the_most_similar_first():
    base = vectors(2)
    rows = np.stack([base[0], base[1], base[0] + 0.1 * base[1], base[0] + 0.01 * base[1], base[1]])
    found = find_near_duplicates(named(5), unit_rows(rows), eps=0.05)
    rows = [(r["group"], r["id"]) for r in found.table.to_pylist()]
    assert rows == [(0, "c00003"), (0, "c00002"), (1, "c00004")]


def test_what_is_like_only_a_clip_that_goes_stays():
    base = unit_rows(np.eye(2, DIMS))
    at = [0.0, 0.3, 0.6]
    chain = unit_rows(np.stack([np.cos(a) * base[0] + np.sin(a) * base[1] for a in at]))
    assert pairs(find_near_duplicates(named(3), chain, eps=0.05)) == [("c00001", "c00000")]


def test_auto_takes_the_valley():
    found = find_near_duplicates(named(400), vectors(300, copies=100, noise=0.2))
    assert len(pairs(found)) == 100
    assert "valley" in found.choice.reason
    assert found.counts.sum() == 399


def test_auto_takes_no_wide_valley():
    base = vectors(300)
    other = vectors(300, seed=1)
    other = unit_rows(other - (other * base).sum(axis=1, keepdims=True) * base)
    similar = np.linspace(0.75, 0.999, 300)[:, None]
    near = similar * base + np.sqrt(1 - similar**2) * other
    found = find_near_duplicates(named(600), np.concatenate([base, near.astype(np.float32)]))
    assert found.choice.eps == MOST_EPS
    assert "the most that auto takes" in found.choice.reason


def test_auto_without_a_valley_falls_back():
    found = find_near_duplicates(named(50), vectors(50), fallback=0.07)
    assert (found.choice.eps, pairs(found)) == (0.07, [])


def test_clusters_find_nearly_the_pairs_of_all_with_all():
    matrix = vectors(600, copies=200)
    exact = find_near_duplicates(named(800), matrix, eps=0.03)
    clustered = find_near_duplicates(named(800), matrix, eps=0.03, exact_up_to=200)
    assert clustered.clusters > 1
    assert set(pairs(clustered)) <= set(pairs(exact))
    assert len(pairs(clustered)) >= 0.97 * len(pairs(exact))


@pytest.mark.parametrize("count", [0, 1])
def test_few_clips_have_no_duplicates(count):
    found = find_near_duplicates(named(count), vectors(count))
    assert (pairs(found), found.counts.sum()) == ([], 0)
    assert found.table.schema.names == ["id", "kept_id", "group", "similarity"]


def marked(*rows):
    """Rows of (uuid, keep, stage), of which b goes for a."""
    columns = ("uuid", "keep", "drop_stage", "drop_reason")
    table = pa.Table.from_pylist([dict(zip(columns, (*row, ""), strict=True)) for row in rows])
    same = np.stack([vectors(1)[0]] * 2)
    return mark(table, find_near_duplicates(["a", "b"], same, eps=0.05)).to_pylist()


def test_the_mark_names_the_one_that_stays():
    first, second = marked(("a", True, ""), ("b", True, ""))
    assert first["keep"]
    assert (second["keep"], second["drop_stage"]) == (False, "dedup")
    assert second["drop_reason"] == "similarity 1.0000 to a"


def test_marks_of_an_earlier_comparison_are_lifted_and_other_drops_stay():
    rows = marked(("c", False, "dedup"), ("d", False, "motion"))
    assert [(row["keep"], row["drop_stage"]) for row in rows] == [(True, ""), (False, "motion")]


def write(path: Path, ids, matrix):
    flat = pa.array(np.asarray(matrix, np.float32).ravel())
    column = pa.FixedSizeListArray.from_arrays(flat, len(matrix[0]))
    pq.write_table(pa.table({"id": ids, "embedding": column}), path)
    return str(path)


def test_embeddings_of_the_wanted_clips_are_read(tmp_path: Path):
    one = write(tmp_path / "1.parquet", ["a", "b"], [[3, 4], [0, 1]])
    two = write(tmp_path / "2.parquet", ["c", "a"], [[1, 0], [9, 9]])
    ids, matrix, bad = read_embeddings([one, two], {"a", "c"})
    assert (ids, matrix.tolist(), bad) == (
        ["a", "c"],
        [[pytest.approx(0.6), pytest.approx(0.8)], [1, 0]],
        [],
    )


def test_an_embedding_that_cannot_be_used_is_told(tmp_path: Path):
    path = write(tmp_path / "1.parquet", ["a", "b"], [[0, 0], [float("nan"), 1]])
    assert [name for name, _ in read_embeddings([path], {"a", "b"})[2]] == ["a", "b"]


def test_embeddings_of_two_sizes_do_not_mix(tmp_path: Path):
    paths = [write(tmp_path / f"{n}.parquet", [str(n)], [[1.0] * n]) for n in (2, 3)]
    with pytest.raises(InputError, match="embeddings of 3 numbers"):
        read_embeddings(paths, {"2", "3"})


@pytest.mark.parametrize("data", [b"", b"no parquet at all"])
def test_a_broken_file_is_named(tmp_path: Path, data):
    path = tmp_path / "x.parquet"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"x\.parquet is no file of embeddings"):
        read_embeddings([str(path)], {"a"})


def test_a_file_without_the_columns_is_named(tmp_path: Path):
    pq.write_table(pa.table({"id": ["a"]}), tmp_path / "x.parquet")
    with pytest.raises(InputError, match=r"x\.parquet"):
        read_embeddings([str(tmp_path / "x.parquet")], {"a"})
