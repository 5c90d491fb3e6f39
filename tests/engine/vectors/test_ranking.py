"""Which of similar items comes first."""

from typing import Any

import pyarrow as pa
import pytest

from curator_engine.errors import InputError, SettingsError
from curator_engine.vectors.ranking import RankingStrategy, ranking_for

WRONG: Any = "best"
CLUSTER = pa.table(
    {
        "id": [10, 11, 12, 13],
        "cosine_dist_to_cent": [0.1, 0.4, 0.2, 0.4],
        "l2_dist_to_cent": [4.0, 1.0, 2.0, 3.0],
        "stars": [5, None, 7, 5],
        "day": ["b", "a", "a", None],
    }
)


def ids(ranking, table=CLUSTER):
    return [table["id"].to_pylist()[i] for i in ranking.order(table, id_field="id")]


def test_hard_puts_the_farthest_first_and_ties_by_id():
    assert ids(ranking_for("hard")) == [11, 13, 12, 10]


def test_hard_by_euclidean_distance_looks_at_that_column():
    assert ids(ranking_for("hard", distance_metric="l2")) == [10, 13, 12, 11]


def test_easy_puts_the_nearest_first():
    assert ids(ranking_for("easy")) == [10, 12, 11, 13]


def test_easy_by_euclidean_distance_looks_at_that_column():
    assert ids(ranking_for("easy", distance_metric="l2")) == [11, 12, 13, 10]


def many(order):
    return pa.table({"id": list(order)})


def test_a_random_order_does_not_depend_on_the_order_of_rows():
    ranking = ranking_for("random", random_seed=7)
    assert ids(ranking, many(range(50))) == ids(ranking, many(reversed(range(50))))


def test_a_random_order_follows_the_seed():
    one, other = (ids(RankingStrategy.random(seed), many(range(50))) for seed in (1, 2))
    assert one != other
    assert sorted(one) == sorted(other) == list(range(50))


def test_columns_may_each_have_a_direction_of_their_own():
    ranking = RankingStrategy.metadata_based(["stars", "day"], [False, True])
    assert ids(ranking) == [12, 10, 13, 11]


def test_what_lacks_a_value_comes_last_either_way():
    for ascending in (True, False):
        assert ids(RankingStrategy(metadata_cols=["stars"], ascending=ascending))[-1] == 11


def test_a_column_that_is_missing_is_named():
    with pytest.raises(InputError, match="needs the column 'score'; there are id"):
        ids(RankingStrategy(metadata_cols=["score"]))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ranking_for(WRONG), "which_to_keep='best' is not one of hard, easy, random"),
        (lambda: RankingStrategy(metadata_cols=["a"], ascending=[True, False]), "2 directions"),
        (RankingStrategy, "needs metadata_cols"),
    ],
)
def test_a_ranking_that_makes_no_sense_is_refused(make, message):
    with pytest.raises(SettingsError, match=message):
        make()
