import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator_audio.transcripts.normalize import is_english, normalize


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("And so, my fellow Americans:", "and so my fellow americans"),
        ("IN EIGHTEEN THIRTEEN", "in 1813"),
        ("in 1813.", "in 1813"),
        ("eight the press yard", "8 the press yard"),
        ("twenty one, twenty-two", "21 22"),
        ("nineteen ninety nine", "1999"),
        ("one two three", "1 2 3"),
        ("two thousand and five people and one", "2005 people and 1"),
        ("one hundred and twenty thousand", "120000"),
        ("three million four hundred thousand and six", "3400006"),
        ("a hundred and then", "a 100 and then"),
        ("1,000,000 men", "1000000 men"),
        (
            "We're sure they won't; he can't. It\u2019s Bob's!",
            "we are sure they will not he can not it is bob s",
        ),
        ("[music] um (laughs) yes <unk>", "yes"),
        ("$5 & 10%", "5 dollars and 10 percent"),
        ("", ""),
        ("—!?", ""),
    ],
)
def test_english_is_brought_into_one_form(text, words):
    assert normalize(text) == words


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("twenty-three dollars and fifty cents", "$23.50"),
        ("Mr. Smith won't", "mister Smith will not"),
        ("three point one four", "3.14"),
        ("5 million", "five million"),
        ("two point five million", "2.5 million"),
        ("the twenty first", "the 21st"),
        ("the twentieth, and the third", "the 20th and the 3rd"),
        ("it's 50%", "it is fifty percent"),
        ("OK, I wanna go", "okay I want to go"),
        ("£5", "five pounds"),
        ("twenty twenty", "2020"),
        ("ten thousand", "10,000"),
    ],
)
def test_two_ways_to_write_the_same_are_one(text, same):
    assert normalize(text) == normalize(same)


def test_other_languages_keep_their_letters_and_accents():
    assert normalize("¿Qué? L'été... नमस्ते!", language="es") == "qué l été नमस्ते"
    assert normalize("Zwei UM zwei", language="de") == "zwei um zwei"


@pytest.mark.parametrize(
    ("language", "english"), [("en", True), ("en_GB", True), ("", True), ("de", False)]
)
def test_english_is_known_by_its_codes(language, english):
    assert is_english(language) is english


@given(st.text(max_size=40))
@settings(max_examples=60)
def test_what_is_normal_stays_so(text):
    once = normalize(text, language="de")
    assert normalize(once, language="de") == once
    assert normalize(text) == " ".join(normalize(text).split())
