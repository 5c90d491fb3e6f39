"""How much each source of a blend gives."""

from fractions import Fraction

import numpy as np
import pytest

from curator_engine.errors import InputError, SettingsError
from curator_text.blend.amounts import (
    Amount,
    Draw,
    draw_of,
    key_after,
    parse_count,
    parse_weights,
    plan_amounts,
)
from curator_text.tokenize.runs import KEYS

RNG = np.random.default_rng(1)


def plan(there, weights, *, tokens=None, max_epochs=None):
    shares = {name: Fraction(weight) for name, weight in weights.items()}
    return {
        each.source: each
        for each in plan_amounts(there, shares, tokens=tokens, max_epochs=max_epochs)
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["web"], "write it as NAME=NUMBER"),
        (["web=x"], "'x' is no number"),
        (["web=nan"], "no number"),
        (["web=1e9999999999"], "no number"),
        (["web=-1"], "negative"),
        (["web=0,books=0.0"], "all 0"),
        (["web=1", "web=2"], "twice"),
    ],
)
def test_bad_weights_are_told(words, said):
    with pytest.raises(SettingsError, match=said):
        parse_weights(words)


def test_a_name_may_have_an_equals_sign():
    assert parse_weights(["a=b=1, c=2"]) == {"a=b": 1, "c": 2}


@pytest.mark.parametrize(
    ("count", "tokens"), [("1.5B", 1_500_000_000), ("300m", 300_000_000), (7, 7), ("1_000", 1000)]
)
def test_tokens_are_counted_as_people_write_them(count, tokens):
    assert parse_count(count, "--tokens") == tokens


@pytest.mark.parametrize("count", ["0", "x", "1X", "-5", "", "0.5"])
def test_what_is_no_number_of_tokens_is_told(count):
    with pytest.raises(SettingsError, match="--tokens"):
        parse_count(count, "--tokens")


def test_without_tokens_the_source_that_is_used_up_first_decides():
    found = plan({"a": 1000, "b": 90}, {"a": "0.7", "b": "0.3"})
    assert (found["a"].taken, found["b"].taken) == (210, 90)
    found = plan({"a": 1000, "b": 90}, {"a": "0.7", "b": "0.3"}, max_epochs=Fraction(2))
    assert (found["a"].taken, found["b"].taken) == (420, 180)


def test_without_weights_all_is_read_once():
    assert [each.taken for each in plan({"a": 7, "b": 0, "c": 3}, {}).values()] == [7, 0, 3]


def test_a_limit_of_epochs_makes_a_source_give_less():
    found = plan({"a": 100, "b": 10}, {"a": 1, "b": 1}, tokens=100, max_epochs=Fraction(2))
    assert (found["b"].asked, found["b"].taken, found["b"].asked_epochs) == (50, 20, 5)
    assert found["a"].taken == 50


def test_a_weight_without_tokens_is_told():
    with pytest.raises(InputError, match="b has a weight"):
        plan({"a": 100, "b": 0}, {"a": 1, "b": 1})
    with pytest.raises(InputError, match="no source"):
        plan({"a": 0}, {})


@pytest.mark.parametrize("tokens", [1, 777, 25_000])
def test_documents_below_the_key_have_the_tokens_but_for_one_document(tokens):
    keys = RNG.integers(0, KEYS, 1000)
    # A bin with many documents is looked into.
    keys[:300] = RNG.integers(0, 1000, 300)
    lengths = RNG.integers(1, 100, 1000)
    parts = [slice(0, 400), slice(400, 400), slice(400, 1000)]
    last = key_after(lambda: ((keys[part], lengths[part]) for part in parts), tokens)
    taken = int(lengths[keys < last].sum())
    assert tokens <= taken < tokens + 100
    assert key_after(lambda: iter([(keys, lengths)]), 10**9) == KEYS


def test_an_epoch_is_read_before_the_next_one_begins():
    keys = RNG.integers(0, KEYS, 500)
    draw = Draw(full=2, last=KEYS // 4)
    spans = []
    for epoch in range(draw.epochs):
        is_drawn = draw.drawn(keys, epoch)
        places = draw.places(keys[is_drawn], epoch)
        spans.append((places.min() / KEYS, places.max() / KEYS))
        assert (np.argsort(places) == np.argsort(keys[is_drawn])).all()
    edges = [1 / 2.25, 2 / 2.25, 1]
    assert all(low < high <= edge for (low, high), edge in zip(spans, edges, strict=True))
    assert spans[0][1] < spans[1][0] < spans[1][1] < spans[2][0]
    assert not draw.drawn(keys, 3).any()
    assert draw.places(np.array([KEYS - 1]), 2)[0] < KEYS


def test_an_amount_is_whole_epochs_and_a_rest():
    def pieces(epoch):
        return lambda: iter([(np.array([5, 1 << 50, 9]), np.array([10, 10, 10]))])

    def draw(taken):
        amount = Amount(source="a", share=Fraction(1), there=30, asked=taken, taken=taken)
        return draw_of(amount, pieces)

    assert draw(0) == Draw()
    assert draw(60) == Draw(full=2)
    assert draw(75) == Draw(full=2, last=10)
    # The last document that is needed makes the epoch whole.
    assert draw(55).drawn(np.array([5, 1 << 50, 9]), 1).all()
