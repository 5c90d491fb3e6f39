from curator_audio.transcripts.find_words import find_words

SAID = "To be, or not to be: that is the question."
WORDS = [(word, float(k), k + 0.5) for k, word in enumerate(SAID.split())]


def test_a_phrase_is_found_with_its_time():
    found = find_words("NOT to be", SAID, words=WORDS)
    assert (found.share, found.at_s) == (1.0, 3.0)
    assert find_words("not to be", SAID).at_s is None


def test_words_in_another_order_are_less_than_the_phrase():
    assert find_words("question that", SAID).share == 0.99
    assert find_words("question nobody asked", SAID).share == 1 / 3


def test_numbers_are_found_as_they_are_written_or_said():
    assert find_words("eighteen thirteen", "It was 1813.").share == 1.0


def test_nothing_is_found_where_no_word_is():
    assert find_words("tea", SAID) is None
    assert find_words("...", SAID) is None
