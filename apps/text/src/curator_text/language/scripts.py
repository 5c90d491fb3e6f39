"""Which script a text is written in: that of most of its letters, by ISO 15924."""

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from curator_engine.task import ArrowArray
from curator_text.read.columns import utf8

_MOST = 0x32400
_BY_NAME = """
    LATIN Latn FULLWIDTH Latn GREEK Grek CYRILLIC Cyrl ARMENIAN Armn HEBREW Hebr ARABIC Arab SYRIAC Syrc THAANA Thaa
    NKO Nkoo DEVANAGARI Deva BENGALI Beng GURMUKHI Guru GUJARATI Gujr ORIYA Orya TAMIL Taml TELUGU Telu KANNADA Knda
    MALAYALAM Mlym SINHALA Sinh THAI Thai LAO Laoo TIBETAN Tibt MYANMAR Mymr GEORGIAN Geor HANGUL Hang ETHIOPIC Ethi
    CHEROKEE Cher CANADIAN Cans KHMER Khmr MONGOLIAN Mong HIRAGANA Jpan KATAKANA Jpan CJK Hani BOPOMOFO Bopo YI Yiii
    TIFINAGH Tfng OL Olck VAI Vaii JAVANESE Java BALINESE Bali SUNDANESE Sund LIMBU Limb COPTIC Copt RUNIC Runr
    OGHAM Ogam GOTHIC Goth MEETEI Mtei ADLAM Adlm CHAKMA Cakm LEPCHA Lepc LISU Lisu TAI Tale BUGINESE Bugi
"""
"""The first word of the names of a script's letters in Unicode, and the script."""
_OF_LANGUAGE = {("jpn", "Hani"): "Jpan"}


@cache
def _table() -> tuple[NDArray[np.uint8], list[str]]:
    """The number of the script of each code point, and the scripts by number; the first is no script."""
    words = _BY_NAME.split()
    by_name = dict(zip(words[::2], words[1::2], strict=True))
    known = ["", *sorted(set(by_name.values()))]
    numbers = {name: known.index(script) for name, script in by_name.items()}
    table = np.zeros(_MOST, np.uint8)
    for point in range(_MOST):
        char = chr(point)
        if unicodedata.category(char)[0] in "LM":
            first = unicodedata.name(char, "").partition(" ")[0].partition("-")[0]
            table[point] = numbers.get(first, 0)
    table.flags.writeable = False
    return table, known


def scripts_of(texts: ArrowArray) -> list[str]:
    """The script of most letters of each text; empty if it has none."""
    from curator_text.kernels import script_kernels

    table, known = _table()
    counts = np.zeros((len(texts), len(known)), np.int64)
    script_kernels.count_scripts(*utf8(texts), table, counts)
    counts[:, 0] = 0
    japanese, chinese = known.index("Jpan"), known.index("Hani")
    # Japanese has both; Chinese has no Kana.
    has_kana = counts[:, japanese] * 10 > counts[:, chinese]
    counts[has_kana, japanese] += counts[has_kana, chinese]
    counts[has_kana, chinese] = 0
    best = counts.argmax(axis=1)
    return [known[k] if counts[d, k] else "" for d, k in enumerate(best.tolist())]


def script_for(language: str, script: str) -> str:
    """The script by which a text of a language is called."""
    return _OF_LANGUAGE.get((language, script), script)
