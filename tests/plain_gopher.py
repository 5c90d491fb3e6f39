"""The rules of datatrove in plain Python, one document and one rule at a time: what kernels are held to.

Words are given: which there are is the business of `test_token_kernels.py`.
"""

import re
from collections import Counter

from curator_text.filters.phrases import CITATIONS, COMMON_WORDS, END_MARKS, PLACEHOLDER, POLICIES
from curator_text.filters.token_classes import symbols, terminals

_SYMBOLS, _TERMINALS = set(map(chr, symbols())), tuple(map(chr, terminals()))


def _share(part, whole, empty=0.0):
    return part / whole if whole else empty


def _again(parts):
    """Parts that occurred before, and the characters in them."""
    seen, found = set(), []
    for part in parts:
        if part in seen:
            found.append(part)
        seen.add(part)
    return len(found), sum(map(len, found))


def top_ngram(words, n):
    grams = [" ".join(words[k : k + n]) for k in range(len(words) - n + 1)]
    if not grams:
        return 0
    best, times = Counter(grams).most_common(1)[0]
    return len(best) * times


def apart_ngrams(words, n):
    seen, at, chars = set(), 0, 0
    while at + n <= len(words):
        gram = tuple(words[at : at + n])
        if gram in seen:
            chars += sum(map(len, gram))
            at += n
        else:
            seen.add(gram)
            at += 1
    return chars


def gopher_scores(text, words):
    """The scores of the recipe `gopher` by their names."""
    size, paragraphs = len(text), re.split("\n{2,}", text.strip())
    lines, any_lines = re.split("\n+", text), text.splitlines()
    real = [word for word in words if set(word) - _SYMBOLS]
    starts = [line.lstrip().startswith(("•", "-")) for line in any_lines]
    ends = [line.rstrip().endswith(("...", "…")) for line in any_lines]
    return {
        "gopher_paragraphs": _again(paragraphs)[0] / len(paragraphs) if text else 1.0,
        "gopher_paragraph_chars": _share(_again(paragraphs)[1], size),
        "gopher_lines": _again(lines)[0] / len(lines),
        "gopher_line_chars": _share(_again(lines)[1], size),
        **{f"gopher_top_{n}grams": _share(top_ngram(words, n), size) for n in (2, 3, 4)},
        **{
            f"gopher_duplicate_{n}grams": _share(apart_ngrams(words, n), size) for n in range(5, 11)
        },
        "gopher_words": float(len(real)),
        "gopher_word_length": _share(sum(map(len, real)), len(real)),
        "gopher_hashes": text.count("#") / max(len(words), 1),
        "gopher_ellipses": (text.count("...") + text.count("…")) / max(len(words), 1),
        "gopher_bullet_lines": _share(sum(starts), len(starts)),
        "gopher_ellipsis_lines": _share(sum(ends), len(ends)),
        "gopher_alphabetic_words": _share(
            sum(any(map(str.isalpha, word)) for word in words), len(words)
        ),
        "gopher_stop_words": float(len(set(COMMON_WORDS) & set(words))),
    }


def c4_lines(text, need_end_mark=True):
    """The lines that C4 keeps, and how many have placeholder text, and a curly bracket."""
    kept, lorem, curly = [], 0, 0
    for line in map(str.strip, text.splitlines()):
        words = line.split()
        if any(len(word) > 1000 for word in words):
            continue
        left = re.sub("|".join([r"\[[0-9]*\]", *map(re.escape, CITATIONS)]), "", line)
        ends_well = left.endswith(tuple(END_MARKS)) and not left.endswith("...")
        if (need_end_mark and not ends_well) or len(words) < 3:
            continue
        lowered = left.lower()
        if PLACEHOLDER in lowered:
            lorem += 1
            continue
        if "javascript" in lowered:
            continue
        curly += "{" in left
        if not any(phrase in lowered for phrase in POLICIES):
            kept.append(left)
    return "\n".join(kept).strip(), lorem, curly


def fineweb_scores(text, words):
    """The scores of FineWeb's own rules by their names."""
    lines = [line for line in text.split("\n") if line.strip()]
    ended = sum(line.endswith(_TERMINALS) for line in lines)
    return {
        "fineweb_end_marks": _share(ended, len(lines)),
        "fineweb_short_lines": _share(sum(len(line) <= 30 for line in lines), len(lines), 1.0),
        "fineweb_repeated_lines": _share(_again(lines)[1], len(text.replace("\n", ""))),
        "fineweb_line_ends": text.count("\n") / max(len(words), 1),
    }
