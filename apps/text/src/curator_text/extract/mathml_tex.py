"""Presentation MathML into LaTeX, for pages whose formulas come without their source.

It is what a reader sees, in LaTeX: fractions, roots, scripts, tables, accents. What has no counterpart keeps its text.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from importlib.resources import files
from typing import Any

type Node = Any
"""An element of lxml, which has no types."""

_DEEPEST = 100
"""Elements within each other; of what lies deeper the text stays."""
_TABLES: dict[str, Any] = json.loads(
    files("curator_text.extract").joinpath("tex_symbols.json").read_text(encoding="utf-8")
)
"""Characters, accents, functions and operators with limits, as LaTeX calls them."""
_SYMBOLS: dict[str, str] = _TABLES["symbols"]
_ABOVE: dict[str, str] = _TABLES["above"]
_BELOW: dict[str, str] = _TABLES["below"]
_FUNCTIONS, _WITH_LIMITS, _OWN_CAPITALS = (
    frozenset[str](_TABLES[name]) for name in ("functions", "with_limits", "own_capitals")
)
_VARIANTS = {
    "double-struck": "\\mathbb",
    "bold": "\\mathbf",
    "script": "\\mathcal",
    "fraktur": "\\mathfrak",
    "normal": "\\mathrm",
}
_NAMED = {"DOUBLE-STRUCK": "double-struck", "FRAKTUR": "fraktur", "SCRIPT": "script"}
_COMMAND_END = re.compile(r"\\[A-Za-z]+\Z")
_ONE = re.compile(r"\\[A-Za-z]+|[^\\]|\\.")


def mathml_tex(node: Node) -> str:
    r"""The LaTeX of an element `math`, without signs around it; empty if it shows nothing.

    Example:
        >>> mathml_tex(lxml.html.fromstring("<math><mfrac><mi>a</mi><mn>2</mn></mfrac></math>"))
        '\\\\frac{a}{2}'
    """
    return _tex(node, 0).strip()


def _tex(node: Node, depth: int) -> str:
    if depth > _DEEPEST:
        return _words(node)
    tag = node.tag
    if tag in _LEAVES:
        return _LEAVES[tag](node)
    if tag in _SKIPPED:
        return ""
    # The tag of a comment is no text.
    parts = [_tex(each, depth + 1) for each in node if isinstance(each.tag, str)]
    if tag in _MAKERS and len(parts) >= _MAKERS[tag][0]:
        return _MAKERS[tag][1](node, parts)
    if tag == "semantics":
        parts = parts[:1]
    return joined(parts)


def joined(parts: list[str]) -> str:
    """Pieces of LaTeX behind each other; a command is kept apart from a letter."""
    found = ""
    for part in parts:
        if part[:1].isalpha() and _COMMAND_END.search(found):
            found += " "
        found += part
    return found


def _words(node: Node) -> str:
    return " ".join("".join(node.itertext()).split())


def _symbol(char: str) -> str:
    """A character in LaTeX; itself if it has no other name there."""
    if char in _SYMBOLS or char.isascii():
        return _SYMBOLS.get(char, char)
    name = unicodedata.name(char, "")
    if name.startswith("GREEK "):
        return _greek(char, name)
    plain = unicodedata.normalize("NFKC", char)
    if plain == char or len(plain) != 1:
        return char
    variant = next((_NAMED[each] for each in _NAMED if each in name), "")
    if not variant and "BOLD" in name:
        variant = "bold"
    inner = _symbol(plain)
    return f"{_VARIANTS[variant]}{{{inner}}}" if variant else inner


def _greek(char: str, name: str) -> str:
    words = name.split()
    letter = words[-1].lower().replace("lamda", "lambda")
    if len(words) != 4 or words[2] != "LETTER":
        return char
    if words[1] == "CAPITAL":
        return f"\\{letter.capitalize()}" if letter in _OWN_CAPITALS else char
    return f"\\{letter}"


def _identifier(node: Node) -> str:
    text = _words(node)
    if text in _FUNCTIONS:
        return f"\\{text}"
    variant = node.get("mathvariant") or ""
    found = joined([_symbol(char) for char in text])
    if variant in _VARIANTS and text:
        return f"{_VARIANTS[variant]}{{{found}}}"
    is_word = len(text) > 1 and text.isascii() and text.isalpha()
    return f"\\mathrm{{{found}}}" if is_word else found


def _operator(node: Node) -> str:
    text = _words(node)
    return f"\\{text}" if text in _FUNCTIONS else joined([_symbol(char) for char in text])


def _quoted(node: Node) -> str:
    text = _words(node)
    return f"\\text{{{text}}}" if text else " "


def _group(tex: str) -> str:
    """As one piece, which scripts can be put to."""
    return tex if _ONE.fullmatch(tex) else f"{{{tex}}}"


def _fraction(node: Node, parts: list[str]) -> str:
    kind = "\\binom" if (node.get("linethickness") or "1").startswith("0") else "\\frac"
    return f"{kind}{{{parts[0]}}}{{{parts[1]}}}"


def _above(node: Node, parts: list[str]) -> str:
    base, over = parts[:2]
    if base in _WITH_LIMITS:
        return f"{base}^{{{over}}}"
    mark = _ABOVE.get(_words(node[-1]))
    return f"{mark}{{{base}}}" if mark else f"\\overset{{{over}}}{{{base}}}"


def _below(node: Node, parts: list[str]) -> str:
    base, under = parts[:2]
    if base in _WITH_LIMITS:
        return f"{base}_{{{under}}}"
    mark = _BELOW.get(_words(node[-1]))
    return f"{mark}{{{base}}}" if mark else f"\\underset{{{under}}}{{{base}}}"


def _both(node: Node, parts: list[str]) -> str:
    base, under, over = parts[:3]
    if base in _WITH_LIMITS:
        return f"{base}_{{{under}}}^{{{over}}}"
    return f"\\underset{{{under}}}{{\\overset{{{over}}}{{{base}}}}}"


def _fenced(node: Node, parts: list[str]) -> str:
    given: dict[str, str | None] = {
        name: node.get(name) for name in ("open", "close", "separators")
    }
    first, last, between = (
        default if (said := given[name]) is None else said
        for name, default in (("open", "("), ("close", ")"), ("separators", ","))
    )
    return joined([_symbol_text(first), between[:1].join(parts), _symbol_text(last)])


def _symbol_text(text: str) -> str:
    return joined([_symbol(char) for char in text])


def _table(node: Node, parts: list[str]) -> str:
    return f"\\begin{{matrix}}{' \\\\ '.join(parts)}\\end{{matrix}}"


type _Maker = Callable[[Node, list[str]], str]

_LEAVES: dict[str, Callable[[Node], str]] = {
    "mi": _identifier,
    "mn": _words,
    "mo": _operator,
    "mtext": _quoted,
    "ms": _quoted,
    "mspace": lambda node: " ",
}
_SKIPPED = frozenset(["annotation", "annotation-xml", "mphantom", "maligngroup", "malignmark"])
_MAKERS: dict[str, tuple[int, _Maker]] = {
    "mfrac": (2, _fraction),
    "msqrt": (1, lambda node, parts: f"\\sqrt{{{joined(parts)}}}"),
    "mroot": (2, lambda node, parts: f"\\sqrt[{parts[1]}]{{{parts[0]}}}"),
    "msub": (2, lambda node, parts: f"{_group(parts[0])}_{{{parts[1]}}}"),
    "msup": (2, lambda node, parts: f"{_group(parts[0])}^{{{parts[1]}}}"),
    "msubsup": (3, lambda node, parts: f"{_group(parts[0])}_{{{parts[1]}}}^{{{parts[2]}}}"),
    "mover": (2, _above),
    "munder": (2, _below),
    "munderover": (3, _both),
    "mfenced": (0, _fenced),
    "mtable": (1, _table),
    "mtr": (1, lambda node, parts: " & ".join(parts)),
}
"""Children that an element needs, and what is made of them."""
