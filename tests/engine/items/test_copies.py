import pyarrow as pa

from curator_engine.items.copies import EXACT, NEAR, find_copies, pairs_table
from curator_engine.items.near_duplicates import SCHEMA

PLACES = {"a": "a.jpg", "b": "b.jpg"}


def pairs(**columns):
    return lambda order: pa.table({"uuid": ["b"], "kept_id": ["a"], **columns})


def test_the_first_search_that_finds_an_item_counts():
    seen = []

    def near(order):
        seen.append(order)
        return pa.table({"uuid": ["c"], "kept_id": ["secret"], "similarity": [0.93]})

    found = find_copies("abc", [(EXACT, pairs(how=["bytes"])), (NEAR, near)], PLACES)
    assert seen == [["a", "c"]]
    assert {uuid: (mark.stage, mark.reason) for uuid, mark in found.items()} == {
        "b": (EXACT, "same bytes: as a.jpg"),
        "c": (NEAR, "similarity 0.9300 to secret"),
    }


def test_what_is_the_same_has_a_similarity_of_one():
    assert find_copies("ab", [(EXACT, pairs(how=["bytes"]))], PLACES)["b"].facts["similarity"] == 1


def test_pairs_are_grouped_by_the_item_that_stays_the_most_similar_first():
    rows = [("d", "z", 0.9), ("c", "a", 0.8), ("e", "z", 1.0)]
    names = ("id", "kept_id", "similarity")
    table = pairs_table([dict(zip(names, row, strict=True)) for row in rows], SCHEMA)
    assert [(row["id"], row["group"]) for row in table.to_pylist()] == [
        ("e", 0),
        ("d", 0),
        ("c", 1),
    ]
