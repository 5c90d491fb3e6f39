"""What sources have and give."""

from fractions import Fraction

from curator_text.blend.amounts import Amount
from curator_text.blend.source_counts import add_counts, all_of, source_rows


def test_files_are_added_up_and_empty_sources_stay():
    counts = add_counts(["a", "b"], [[["a", 0, 2, 20], ["a", 2, 1, 5]], [["a", 0, 1, 10]]])
    assert counts["train"] == {"a": [3, 30], "b": [0, 0]}
    assert counts["test"]["a"] == [1, 5]
    assert all_of(counts) == [4, 35]


def test_a_source_tells_its_share_its_epochs_and_what_is_unused():
    counts = add_counts([], [[["a", 0, 4, 40], ["b", 0, 2, 20], ["b", 1, 1, 7]]])
    amounts = [
        Amount(source=name, share=Fraction(1, 2), there=there, asked=30, taken=30)
        for name, there in (("a", 40), ("b", 20))
    ]
    a, b = source_rows(amounts, counts, [{"a": [3, 30]}, {"b": [3, 30]}])
    assert (a["share"], a["epochs"], a["unused_documents"], a["unused_tokens"]) == (
        0.5,
        0.75,
        1,
        10,
    )
    assert (b["epochs"], b["unused_documents"], b["validation_tokens"]) == (1.5, 0, 7)
