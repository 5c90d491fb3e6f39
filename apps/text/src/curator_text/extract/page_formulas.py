r"""Formulas of HTML pages as LaTeX between $ signs: what MathJax, KaTeX, MathML, Wikipedia and pictures of formulas hold.

What a page has between $ signs, or within `\(` and `\)`, is text and stays as it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from curator_text.extract.mathml_tex import Node, mathml_tex

_MARKUP = re.compile(
    r"<math\b|katex|mathjax|mjx-|math/(?:tex|mml)|mwe-math|mathtex|mimetex|cht=tx|tex=|latex|\btex\b|class=[\"']?math",
    re.IGNORECASE,
)
"""What a page with formulas in its markup has somewhere; others are not looked through."""
_TAGS = ("div", "img", "math", "mjx-container", "nobr", "script", "span")
_WHOLE = frozenset(["katex", "katex-display", "mwe-math-element"])
"""Classes of elements that show one formula in several ways."""
_IN_ADDRESS = re.compile(
    r"latex\.codecogs\.com/[^?]*\?|(?:mathtex|mimetex)\.cgi\?|upmath\.me/(?:svg|png)/",
    re.IGNORECASE,
)
"""What comes before LaTeX in the addresses of pictures, to their ends."""
_IN_QUERY = ("latex", "tex", "chl")
_PICTURE_CLASSES = frozenset(
    ["latex", "tex", "math", "equation", "texrender", "mwe-math-fallback-image-inline"]
)
_PLAIN = frozenset(["latex", "math", "tex"])
"""Classes of elements whose text is LaTeX, if it looks so; of Pandoc and others."""
_SOURCES = ("alttext", "data-latex", "data-tex")
_XML = re.compile(r"\A\s*<\?xml[^>]*\?>|\0")
_WRAPPED = re.compile(
    r"\{?\s*\\(?:display|text|script)style\b\s*(?P<style>.*?)\s*\}?|\$\$(?P<dd>.*)\$\$|\$(?P<d>.*)\$"
    r"|\\\[(?P<b>.*)\\\]|\\\((?P<p>.*)\\\)",
    re.DOTALL,
)
_COMMENT = re.compile(r"(?<!\\)%[^\n]*\n?")
_SIGNS = re.compile(r"\$|\\\(|\\\[|\\begin")
_LOOKS_TEX = re.compile(r"[\\^_{}=<>+]")
_ENVIRONMENT = re.compile(r"\\begin\{(?:equation|align|gather|multline|eqnarray|flalign)\*?\}")
_MOST_CHARS = 20_000
"""Of a formula; what is longer is none."""


@dataclass(frozen=True, kw_only=True)
class Formula:
    """A formula of a page."""

    tex: str
    is_display: bool = False
    """Whether it stands on a line of its own."""

    def written(self) -> str:
        """With its signs; an environment needs none."""
        if _ENVIRONMENT.match(self.tex):
            return self.tex
        return f"$${self.tex}$$" if self.is_display else f"${self.tex}$"


def write_formulas(html: str) -> str:
    """A page with the LaTeX of each formula of its markup in the formula's place; the page itself if there is none.

    Example:
        >>> write_formulas('<p>As <math alttext="x^2"></math> says.</p>')
        '<html><body><p>As <span>$x^2$</span> says.</p></body></html>'
    """
    if not _MARKUP.search(html):
        return html
    import lxml.html

    root = _parsed(html)
    if root is None:
        return html
    found = list(_formulas(root))
    for node, formula in found:
        _replace(node, formula)
    return str(lxml.html.tostring(root, encoding="unicode")) if found else html


def _parsed(html: str) -> Node | None:
    import lxml.etree
    import lxml.html

    parser = lxml.html.HTMLParser(huge_tree=True)
    try:
        return lxml.html.document_fromstring(_XML.sub("", html), parser=parser)
    except (lxml.etree.LxmlError, ValueError):
        return None


def _formulas(root: Node) -> Iterator[tuple[Node, Formula | None]]:
    """Elements that show formulas, with None for those whose formula is in a script behind them."""
    import lxml.etree

    scripts = root.iter("script")
    has_scripts = any((each.get("type") or "").lower().startswith("math/") for each in scripts)
    walker = lxml.etree.iterwalk(root, events=("start",), tag=_TAGS)
    for _, node in walker:
        names = frozenset((node.get("class") or "").split())
        shown = node.tag != "mjx-container" and any(map(_is_shown, names))
        if shown and has_scripts:
            yield node, None
            walker.skip_subtree()
            continue
        is_whole = shown or node.tag in ("math", "mjx-container") or bool(names & _WHOLE)
        found = _formula(node, names, is_whole=is_whole)
        if found is not None:
            yield node, found
        # What is in it was looked through already; to do so again takes the square in a nest of them.
        if is_whole or found is not None:
            walker.skip_subtree()


def _is_shown(name: str) -> bool:
    """Whether it is a class of what MathJax 2 shows beside the source, which is in a script."""
    return name.startswith("MathJax")


def _replace(node: Node, found: Formula | None) -> None:
    parent = node.getparent()
    if parent is None:
        return
    new = node.makeelement("div" if found is not None and found.is_display else "span", {})
    new.text, new.tail = "" if found is None else found.written(), node.tail
    parent.replace(node, new)


def _formula(node: Node, names: frozenset[str], *, is_whole: bool) -> Formula | None:
    """The formula of an element, if it is one."""
    if node.tag == "img":
        return _made(_of_picture(node))
    if node.tag == "script":
        return _of_script(node)
    if is_whole:
        return _made(_source(node), is_display=_is_display(node, names))
    if len(node) or not names & _PLAIN:
        return None
    text = _text(node)
    if _SIGNS.search(text) or not _LOOKS_TEX.search(text):
        return None
    return _made(text, is_display="display" in names or node.tag == "div")


def _text(node: Node) -> str:
    return "".join(node.itertext())


def _source(node: Node) -> str:
    """The LaTeX that an element holds somewhere, or what its MathML says."""
    for annotation in node.iter("annotation"):
        if "tex" in (annotation.get("encoding") or "").lower():
            return _text(annotation)
    for each in node.iter():
        said = next((each.get(name) for name in _SOURCES if each.get(name)), "")
        if said.strip():
            return said
    for math in node.iter("math"):
        return mathml_tex(math)
    for each in node.iter():
        if said := each.get("data-mathml"):
            return _of_mathml(said)
    return next(map(_of_picture, node.iter("img")), "")


def _is_display(node: Node, names: frozenset[str]) -> bool:
    if any(each.startswith(("katex-display", "MathJax_Display")) for each in names):
        return True
    if node.get("display") in ("block", "true"):
        return True
    return any(
        math.get("display") == "block" or math.get("mode") == "display"
        for math in node.iter("math")
    )


def _of_script(node: Node) -> Formula | None:
    kind, text = (node.get("type") or "").lower(), node.text or ""
    is_display = "display" in kind
    if kind.startswith("math/tex"):
        return _made(text, is_display=is_display)
    if kind.startswith("math/mml"):
        return _made(_of_mathml(text), is_display=is_display or 'display="block"' in text)
    return None


def _of_mathml(text: str) -> str:
    root = _parsed(text) if text.strip() else None
    math = next(root.iter("math"), None) if root is not None else None
    return mathml_tex(math) if math is not None else ""


def _of_picture(node: Node) -> str:
    """The LaTeX of a picture of a formula: in its address, or in its alternative text; empty if it is another."""
    source = node.get("src") or node.get("data-src") or ""
    if found := _IN_ADDRESS.search(source):
        return unquote(source[found.end() :])
    parts = urlsplit(source) if "?" in source and len(source) < _MOST_CHARS else None
    query = parts.query if parts is not None else ""
    if re.search(r"(?:^|&)(?:latex|tex)=|(?:^|&)cht=tx(?:&|$)", query):
        given = parse_qs(query)
        return next((given[name][0] for name in _IN_QUERY if name in given), "")
    names = set((node.get("class") or "").split())
    return (node.get("alt") or "") if names & _PICTURE_CLASSES else ""


def _made(tex: str, *, is_display: bool = False) -> Formula | None:
    """A formula without what is around it and without comments; None if nothing is left."""
    tex = " ".join(_COMMENT.sub(" ", tex[: _MOST_CHARS + 1]).split())
    if len(tex) > _MOST_CHARS:
        return None
    if found := _WRAPPED.fullmatch(tex):
        is_display |= found["dd"] is not None or found["b"] is not None
        tex = next(each for each in found.groups() if each is not None).strip()
    return Formula(tex=tex, is_display=is_display) if tex else None


_SIGN = re.compile(
    r"\\\\|\\[\[\]()$]|\\begin\{(?:equation|align|gather|multline|eqnarray|flalign)\*?\}|\$\$?"
)
_SHORT = re.compile(r"[A-Za-z0-9']{1,3}|[A-Za-z]\([A-Za-z, ]{1,10}\)")
_ENDS = {"\\]": "\\[", "\\)": "\\(", "$$": "$$"}
_MOST_INLINE_CHARS = 500
"""Between two single $ signs."""


def count_formulas(text: str) -> int:
    r"""Formulas between signs of LaTeX in a text; a price such as $5 is none.

    Example:
        >>> count_formulas(r"As $x^2$ costs $5 or $6, \(y\) follows.")
        2
    """
    count, begun = 0, ("", 0)
    for sign in _SIGN.finditer(text):
        said, start, end = sign[0], sign.start(), sign.end()
        if said == "$":
            closes = begun[0] == "$" and _is_inline(text, begun[1], start)
            count += closes
            begun = ("$", end) if not closes and _opens(text, start) else ("", 0)
        elif said.startswith("\\begin"):
            count += begun[0] == ""
        elif begun[0] and begun[0] == _ENDS.get(said):
            count, begun = count + 1, ("", 0)
        elif said not in ("\\\\", "\\$"):
            begun = (said, end)
    return count


def _opens(text: str, place: int) -> bool:
    """Whether a formula may begin at a single $ sign."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    return not before.isalnum() and after != "" and not after.isspace()


def _is_inline(text: str, start: int, end: int) -> bool:
    """Whether what is between two single $ signs is a formula: it looks so, and no price follows."""
    if not 0 < end - start <= _MOST_INLINE_CHARS or text[end - 1].isspace():
        return False
    inner = text[start:end]
    if "\n" in inner or text[end + 1 : end + 2].isdigit():
        return False
    return _LOOKS_TEX.search(inner) is not None or _SHORT.fullmatch(inner) is not None
