"""Texts as they are compared: lower case, no punctuation, and in English one spelling of each number.

A recogniser writes "1813" where a person wrote "eighteen thirteen"; both become "1813". A small
normaliser of our own: British and American spellings and names of units stay as they are.
"""

import re
import unicodedata

_FILLERS = frozenset({"ah", "eh", "er", "erm", "hm", "hmm", "mhm", "mm", "mmm", "uh", "uhm", "um"})
_CONTRACTIONS = {
    "ain't": "is not",
    "can't": "can not",
    "cannot": "can not",
    "gonna": "going to",
    "gotta": "got to",
    "let's": "let us",
    "mr": "mister",
    "mrs": "missus",
    "ok": "okay",
    "shan't": "shall not",
    "wanna": "want to",
    "won't": "will not",
} | {
    f"{word}'s": f"{word} is"
    for word in ("he", "here", "how", "it", "she", "that", "there", "what", "where", "who")
}
_ENDINGS = (
    ("n't", " not"),
    ("'re", " are"),
    ("'ve", " have"),
    ("'ll", " will"),
    ("'d", " would"),
    ("'m", " am"),
    ("'s", " s"),
)
_SPOKEN = {"%": " percent ", "&": " and ", "+": " plus ", "@": " at "}
_CURRENCIES = {"$": "dollars", "£": "pounds", "€": "euros"}
_APOSTROPHES = re.compile("[\u2018\u2019\u02bb\u02bc`\u00b4]")
_SOUNDS = re.compile(r"\[[^\]]*\]|\([^)]*\)|<[^>]*>")
"""What is written in brackets is a sound or a remark, such as [music]."""
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_AMOUNT = re.compile(r"([$£€])\s?(\d+)(?:\.(\d\d)\b)?")
_CENTS = {"$": "cents", "£": "pence", "€": "cents"}
_POINT = re.compile(r"(?<=\d)\.(\d+)")
_ORDINAL = re.compile(r"\b([1-9]\d?)(?:st|nd|rd|th)\b")
_SCALED = re.compile(r"\b(\d+) (thousand|million|billion)\b")

_ONES = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_ORDINALS = (
    *("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"),
    *("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth"),
    *("seventeenth", "eighteenth", "nineteenth"),
)
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
_NUMBER_WORDS = frozenset({*_ONES, *_TENS, *_SCALES, "hundred"})


def normalize(text: str, *, language: str = "en") -> str:
    """The words of a text with single spaces between them, as error rates compare them.

    Args:
        text: A transcript.
        language: English ("en", "en-GB") has its numbers, contractions and fillers brought into one
            form; other languages are put into lower case and lose their punctuation.

    Example:
        >>> normalize("It's 1,000 -- um, well: EIGHTEEN thirteen!")
        'it is 1000 well 1813'
        >>> normalize("Grüße, Welt!", language="de")
        'grüße welt'
    """
    text = unicodedata.normalize("NFKC", _SOUNDS.sub(" ", text)).lower()
    text = _APOSTROPHES.sub("'", text)
    if not is_english(language):
        return " ".join(_without_marks(text).split())
    text = _THOUSANDS.sub("", text)
    text = _AMOUNT.sub(_amount, text)
    # Digits behind a point are said one by one.
    text = _POINT.sub(lambda found: f" point {' '.join(found[1])}", text)
    text = _ORDINAL.sub(lambda found: _ordinal(int(found[1])), text)
    for mark, words in _SPOKEN.items():
        text = text.replace(mark, words)
    text = " ".join(_spelled_out(word) for word in text.split())
    words = [word for word in _without_marks(text).split() if word not in _FILLERS]
    text = _SCALED.sub(lambda found: str(int(found[1]) * _SCALES[found[2]]), " ".join(words))
    return " ".join(_with_digits(text.split()))


def is_english(language: str) -> bool:
    """Whether a code or name of a language means English; an empty one does."""
    return language.lower().replace("_", "-").split("-")[0] in ("", "en", "eng", "english")


def _without_marks(text: str) -> str:
    """The text with a space for each mark; letters, their accents, and digits stay."""
    return "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in text)


def _amount(found: re.Match[str]) -> str:
    """An amount of money in words, as it is said."""
    whole = f"{found[2]} {_CURRENCIES[found[1]]}"
    return f"{whole} and {found[3]} {_CENTS[found[1]]}" if found[3] else whole


def _ordinal(number: int) -> str:
    """A number below 100 as a word that orders: third, twentieth, twenty first."""
    if number < len(_ORDINALS):
        return _ORDINALS[number]
    tens = next(word for word, value in _TENS.items() if value == number // 10 * 10)
    return f"{tens} {_ORDINALS[number % 10]}" if number % 10 else f"{tens[:-1]}ieth"


def _spelled_out(word: str) -> str:
    core = word.strip('.,;:!?"')
    if core in _CONTRACTIONS:
        return _CONTRACTIONS[core]
    for ending, words in _ENDINGS:
        if core.endswith(ending) and len(core) > len(ending):
            return core.removesuffix(ending) + words
    return word


def _with_digits(words: list[str]) -> list[str]:
    """The words with each run of number words written in digits."""
    out: list[str] = []
    run: list[str] = []
    for i, word in enumerate(words):
        joins = word == "and" and bool(run) and run[-1] in ("hundred", "thousand")
        if word in _NUMBER_WORDS:
            run.append(word)
        elif not (joins and i + 1 < len(words) and words[i + 1] in _NUMBER_WORDS):
            out += _numbers(run)
            out.append(word)
            run = []
    return out + _numbers(run)


def _numbers(run: list[str]) -> list[str]:
    """The numbers that a run of number words says; ten to twenty and another pair are a year."""
    numbers: list[int] = []
    for whole, below in _groups(run):
        year = numbers and 10 <= numbers[-1] <= 20 and 10 <= whole + below <= 99
        if year:
            numbers[-1] = 100 * numbers[-1] + whole + below
        else:
            numbers.append(whole + below)
    return [str(number) for number in numbers]


def _groups(run: list[str]) -> list[tuple[int, int]]:
    """What is said, number by number: what stands before a scale, and what follows it."""
    groups: list[tuple[int, int]] = []
    whole, below, last = 0, 0, ""
    for word in run:
        if word in _SCALES or word == "hundred":
            factor = _SCALES.get(word, 100)
            below = max(below, 1) * factor
            if word in _SCALES:
                whole, below = whole + below, 0
        elif last and not _follows(last, word):
            groups.append((whole, below))
            whole, below = 0, _value(word)
        else:
            below += _value(word)
        last = word
    return [*groups, (whole, below)] if run else []


def _value(word: str) -> int:
    return _ONES[word] if word in _ONES else _TENS[word]


def _follows(last: str, word: str) -> bool:
    """Whether a word goes on with the number that the last one is part of."""
    if last in _SCALES or last == "hundred":
        return True
    return last in _TENS and 0 < _ONES.get(word, 0) < 10
