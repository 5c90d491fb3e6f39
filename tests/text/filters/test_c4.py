"""C4's rules on documents on both sides of their limits, from their definitions."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.filters.c4 import (
    C4BadWordsFilter,
    C4CurlyBracketsFilter,
    C4LoremIpsumFilter,
    C4SentencesFilter,
)
from curator_text.filters.documents import Documents
from curator_text.filters.recipe import load_recipe

_FIVE = 5 * "This line ends well.\n"
_CASES = [
    (C4LoremIpsumFilter(), "Lorem ipsum", "Here is Lorem Ipsum."),
    (C4CurlyBracketsFilter(), "if (a) {\n", "They write if (a) {b}."),
    (C4CurlyBracketsFilter(need_end_mark=False), "if {\n", "if (a) then {\n"),
    (C4SentencesFilter(), _FIVE, _FIVE[:-2]),
    (C4SentencesFilter(), 4 * "This ends well. " + "Here too!", 4 * "This ends well. " + "Here too..."),
    (C4SentencesFilter(), 5 * "Three words here.\n", 5 * "Two words.\n"),
    (C4SentencesFilter(), 5 * "Use your cookies here.\n", 5 * "We use cookies here.\n"),
    (C4SentencesFilter(), 5 * "Scripts are needed here.\n", 5 * "Enable Javascript to go on.\n"),
    (C4SentencesFilter(), 5 * f"It is {1000 * 'a'} long.\n", 5 * f"It is {1001 * 'a'} long.\n"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "kept", "dropped"), _CASES)
def test_a_document_at_the_limit_stays_and_one_past_it_goes(rule, kept, dropped):
    scores = [rule.score_document(text) for text in (kept, dropped)]
    assert [rule.keep_document(score) for score in scores] == [True, False], scores


@pytest.fixture
def words(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("\ufeffDarn\nfunny business\n\nc++\n\u304f\u305d\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("text", "goes"),
    [
        ("Well, DARN it all.", True),
        ("Darn", True),
        ("It was darned well.", False),
        ("It was a darn_it thing.", False),
        ("It was \u00e9darn\u00e9 there.", False),
        ("Some funny business went on.", True),
        ("Some funny  business went on.", False),
        ("We write c++ here.", True),
        ("\u3053\u306e\u304f\u305d\u3002", False),
    ],
)
def test_a_document_with_a_word_of_the_list_goes_as_c4_finds_words(words, text, goes):
    rule = C4BadWordsFilter(file=words, need_end_mark=False, min_words_per_line=0)
    assert rule.keep_document(rule.score_document(text)) is not goes


def test_words_of_languages_without_spaces_count_anywhere(words):
    rule = C4BadWordsFilter(
        file=words, whole_words=False, need_end_mark=False, min_words_per_line=0
    )
    assert not rule.keep_document(rule.score_document("\u3053\u306e\u304f\u305d\u3002"))


def test_a_share_of_them_stays_and_it_is_the_same_one_each_time(words):
    texts = [f"This darn text has number {i}." for i in range(400)]
    rule = C4BadWordsFilter(file=words, keep_fraction=0.25)
    kept = [rule.keep_document(rule.score_document(text)) for text in texts]
    assert 60 < sum(kept) < 140
    assert kept == rule.keep_batch(rule.score_batch(Documents.of(texts))).tolist()
    other = C4BadWordsFilter(file=words, keep_fraction=0.25, seed=1)
    assert kept != other.keep_batch(other.score_batch(Documents.of(texts))).tolist()


def test_lines_that_c4_takes_out_do_not_count(words):
    rule = C4BadWordsFilter(file=words)
    assert rule.score_document("Darn menu\nThis line ends well.") == 0


def test_the_rule_is_off_in_its_recipe_until_it_has_a_file(words, tmp_path):
    assert "c4_bad_words" not in [each.name for each in load_recipe("c4").filters]
    recipe = load_recipe("c4", [f"C4BadWords.file={words}"])
    assert recipe.filters[-1].name == "c4_bad_words"
    other = tmp_path / "other.txt"
    other.write_text("darn\n", encoding="utf-8")
    assert C4BadWordsFilter(file=words).digest != C4BadWordsFilter(file=str(other)).digest


@pytest.mark.parametrize("content", [None, b"", b"\n \n", b"\xff\xfe"])
def test_a_list_that_cannot_be_used_is_told(tmp_path, content):
    path = tmp_path / "words.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"C4BadWords\.file="):
        load_recipe("c4", [f"C4BadWords.file={path}"])
