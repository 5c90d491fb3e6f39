"""Phrases and marks as kernels take them."""

import itertools

from curator_text.filters import phrases


def test_each_phrase_is_known_by_its_first_three_letters():
    joined, borders, begins = phrases.boilerplate()
    texts = [bytes(joined[a:b]).decode() for a, b in itertools.pairwise(borders)]
    assert texts == [phrases.PLACEHOLDER, *phrases.BOILERPLATE]
    for text in texts:
        first, second, third = (ord(char) & 31 for char in text.upper()[:3])
        assert begins[first << 10 | second << 5 | third]


def test_words_that_are_compared_as_numbers_have_at_most_seven_bytes():
    assert all(len(word.encode()) < 8 for word in (*phrases.COMMON_WORDS, *phrases.SYMBOL_WORDS))


def test_phrases_are_in_lower_case():
    assert all(text == text.lower() for text in (*phrases.BOILERPLATE, *phrases.ELLIPSIS_ENDINGS))
