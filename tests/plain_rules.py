"""The rules of `curator-en` in plain Python, one document and one rule at a time: what kernels are held to."""

from collections import Counter

import regex

from curator_text.filters.phrases import (
    BOILERPLATE,
    BULLETS,
    COMMON_WORDS,
    ELLIPSIS_ENDINGS,
    END_MARKS,
    PLACEHOLDER,
    SYMBOL_WORDS,
)

_URL = regex.compile(r"https?://(?:[a-zA-Z0-9$\-_@.&+!*(),]|%[0-9a-fA-F]{2})+")


def _lines(text):
    return [line for line in text.split("\n") if line.strip()]


def _share(part, whole, empty):
    return part / whole if whole else empty


def _joined(parts):
    return sum(map(len, parts))


def top_ngram(text, n):
    words = text.split()
    if len(words) < n:
        return 1.0
    grams = [" ".join(words[k : k + n]) for k in range(len(words) - n + 1)]
    best = Counter(grams).most_common(1)[0][0]
    return (len(text) - len(text.replace(best, ""))) / len(text)


def duplicate_ngrams(text, n):
    words = text.split()
    if len(words) < n:
        return 1.0
    seen, inside = set(), [False] * len(words)
    after = [False] * len(words)
    for k in range(len(words) - n + 1):
        gram = tuple(words[k : k + n])
        if gram in seen:
            inside[k : k + n] = [True] * n
            after[k : k + n - 1] = [True] * (n - 1)
        seen.add(gram)
    chars = sum(len(word) for word, is_in in zip(words, inside, strict=True) if is_in)
    # A run that goes on where the one before ended has one space more between them, but for the first
    # word of a new one.
    return (chars + sum(after)) / len(text)


def plain_scores(text):
    """The scores of a text by their names."""
    words, lines, paragraphs = text.split(), _lines(text), text.split("\n\n")
    size = len(text)
    lowered = [part.lower() for part in paragraphs]
    return {
        "alpha_numeric": _share(size - len(regex.findall("[a-zA-Z0-9\n?!,.]", text)), size, 1.0),
        "symbol_to_word": _share(
            sum(w in SYMBOL_WORDS or len(regex.findall("#+", w)) / len(w) > 0.5 for w in words),
            len(words),
            1.0,
        ),
        "numbers_ratio": _share(len(regex.findall("[[:digit:]]", text)), size, 1.0),
        "urls_ratio": _share(_joined(_URL.findall(text)), size, 1.0),
        "pornographic_urls": float(any("porn" in url for url in _URL.findall(text))),
        "white_space": _share(sum(c in "\t\n\r\b " for c in text), size, 1.0),
        "parentheses_ratio": _share(sum(c in "{}[]()⟨⟩" for c in text), size, 1.0),
        "boilerplate_string_ratio": 1.0
        if any(PLACEHOLDER in part for part in lowered)
        else sum(any(p in part for p in BOILERPLATE) for part in lowered) / len(paragraphs),
        "repeated_lines": _share(len(set(lines)), len(lines), 0.0),
        "repeated_paragraphs": len(set(paragraphs)) / len(paragraphs) if text.strip() else 0.0,
        "repeated_lines_char": _share(_joined(set(lines)), _joined(lines), 0.0),
        "repeated_paragraphs_char": _share(_joined(set(paragraphs)), _joined(paragraphs), 0.0),
        "word_count": float(len(words)),
        "punctuation": _share(
            sum(not line.strip().endswith(tuple(END_MARKS)) for line in lines), len(lines), 1.0
        ),
        "words_without_alphabets": _share(
            sum(bool(regex.search("[[:alpha:]]", w)) for w in words), len(words), 0.0
        ),
        "common_english_words": float(sum(w in COMMON_WORDS for w in words)),
        "mean_word_length": _share(_joined(words), len(words), 0.0),
        "max_word_length": float(max(map(len, words), default=1001)),
        "ellipsis": _share(
            sum(line.strip().lower().endswith(ELLIPSIS_ENDINGS) for line in lines), len(lines), 1.0
        ),
        "bullet_ratio": _share(sum(line.strip()[0] in BULLETS for line in lines), len(lines), 1.0),
        **{f"repeating_top_{n}grams": top_ngram(text, n) for n in (2, 3, 4)},
        **{f"repeating_dup_{n}gram": duplicate_ngrams(text, n) for n in range(5, 11)},
    }
