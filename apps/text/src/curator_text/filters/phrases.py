"""The words, phrases and marks that filters look for, as kernels take them.

Sources: stop words, bullets and marks of Gopher (Rae et al. 2021) as NeMo Curator has them; phrases of C4
(Raffel et al. 2020). A cookie banner is known by how it begins, so that another ending does not hide it.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

COMMON_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")
SYMBOL_WORDS = ("...", "[...]", "…", "(...)", "[…]", "-»")
ELLIPSIS_ENDINGS = (*SYMBOL_WORDS, "read more..", "read more")
END_MARKS = ".?!\"'"
BULLETS = "\u2022\u2023\u2043\u204c\u204d\u2219\u25cb\u25cf\u25d8\u25e6\u29be\u29bf"
PLACEHOLDER = "lorem ipsum"
BOILERPLATE = (
    "terms of use",
    "privacy policy",
    "privacy overview",
    "privacy & cookies policy",
    "privacy and cookies policy",
    "cookie policy",
    "use cookies",
    "uses cookies",
    "use of cookies",
    "necessary cookies are absolutely essential",
    "any cookies that may not be particularly necessary",
    "continue to browse this site without changing your cookie",
)
JAVASCRIPT = "javascript"
POLICIES = (
    "terms of use",
    "privacy policy",
    "cookie policy",
    "uses cookies",
    "use of cookies",
    "use cookies",
)
CITATIONS = ("[edit]", "[citation needed]")
_URL_MARKS = "$-_@.&+!*(),"


def _fixed(values: Iterable[int], kind: Any) -> NDArray[Any]:
    array = np.array(list(values), kind)
    array.flags.writeable = False
    return array


def _joined(texts: Iterable[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Texts as bytes, one behind the other, and where each begins and ends."""
    raw = [text.encode() for text in texts]
    return (
        _fixed(b"".join(raw), np.uint8),
        _fixed(np.cumsum([0, *map(len, raw)]).tolist(), np.int64),
    )


@cache
def known_words() -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """A table of symbols and common words, as `word_kernels.py` looks them up, and what each is."""
    from curator_text.kernels import word_kernels

    known = np.zeros(word_kernels.KNOWN_SLOTS, np.uint64)
    kinds = np.zeros(word_kernels.KNOWN_SLOTS, np.uint8)
    for words, kind in ((SYMBOL_WORDS, word_kernels.SYMBOL), (COMMON_WORDS, word_kernels.COMMON)):
        for word in words:
            number = word_kernels.hash_of(word.encode())
            slot = number >> 58
            while known[slot]:
                slot = (slot + 1) % len(known)
            known[slot], kinds[slot] = number, kind
    known.flags.writeable = kinds.flags.writeable = False
    return known, kinds


@cache
def end_marks() -> NDArray[np.uint8]:
    """As bytes."""
    return _fixed(END_MARKS.encode(), np.uint8)


@cache
def bullets() -> NDArray[np.uint32]:
    """As code points."""
    return _fixed(map(ord, BULLETS), np.uint32)


@cache
def ellipsis_endings() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """As bytes and borders."""
    return _joined(ELLIPSIS_ENDINGS)


@cache
def boilerplate() -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.bool_]]:
    """The placeholder and the phrases as bytes and borders, and by which three letters they are known."""
    texts = (PLACEHOLDER, *BOILERPLATE)
    begins = np.zeros(1 << 15, np.bool_)
    for text in texts:
        first, second, third = (ord(char) & 31 for char in text[:3])
        begins[first << 10 | second << 5 | third] = True
    begins.flags.writeable = False
    return *_joined(texts), begins


@cache
def c4_phrases() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The placeholder, the word of scripts and the phrases of policies, as bytes and borders."""
    return _joined((PLACEHOLDER, JAVASCRIPT, *POLICIES))


@cache
def citations() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Citations that are no number, as bytes and borders."""
    return _joined(CITATIONS)


@cache
def in_urls() -> NDArray[np.bool_]:
    """For each byte, whether a URL goes on with it."""
    table = [(chr(byte).isalnum() and byte < 128) or chr(byte) in _URL_MARKS for byte in range(256)]
    return _fixed(table, np.bool_)
