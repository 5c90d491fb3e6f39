"""Places of n-grams."""

import pyarrow as pa

from curator_text.models.linear_model import lowered
from curator_text.training.read_ngrams import Ngrams


def test_places_are_of_the_bits_and_in_order_of_the_texts():
    texts = pa.array(["one two", "", "one"])
    places, ends = Ngrams(order=2, bits=10).places(*lowered(texts))
    assert ends.tolist() == [3, 3, 4]
    assert places[0] == places[3]
    assert places.max() < 1 << 10


def test_no_texts_have_no_places():
    places, ends = Ngrams().places(*lowered(pa.array([], pa.large_string())))
    assert (len(places), len(ends)) == (0, 0)
