import pytest

from curator_audio.transcripts.compared import GroupTotals, Totals, compared

ROWS = [
    {"speaker": who, "source": "a", **compared(said, heard, language="en", normalized=True)}
    for who, said, heard in (
        ("one", "to be, or not to be", "To be or knot to be"),
        ("two", "that is the question", "that is a a question"),
        (None, "", "words that nobody said"),
    )
]


def test_a_pair_has_rates_and_an_agreement():
    first, second, third = ROWS
    assert (first["words"], first["substitutions"], first["wer"]) == (6, 1, pytest.approx(1 / 6))
    assert (second["insertions"], second["agreement"]) == (1, pytest.approx(1 - 2 / 5))
    assert (third["wer"], third["insertions"], third["agreement"]) == (None, 4, 0.0)
    assert compared("A", "a", language="en", normalized=False)["wer"] == 1.0


def test_a_missing_text_is_a_problem_and_no_error():
    row = compared(None, "words", language="en", normalized=True)
    assert (row["problem"], row.get("wer")) == ("no reference", None)
    assert compared("a", None, language="en", normalized=True)["problem"] == "no hypothesis"


def test_rates_are_pooled_over_all_and_by_group():
    totals, groups = Totals(), GroupTotals(["speaker", "source"])
    for row in ROWS:
        totals.add(row)
    groups.add(ROWS)
    assert totals.facts()["wer"] == pytest.approx(7 / 10)
    assert totals.facts()["agreement"] == pytest.approx(1 - 7 / 15)
    rows = groups.table().to_pylist()
    assert [(row["field"], row["value"], row["items"]) for row in rows] == [
        ("speaker", "two", 1),
        ("speaker", "one", 1),
        ("source", "a", 3),
    ]


def test_nothing_has_no_rate():
    assert Totals().facts()["wer"] is None
