"""Text out of LaTeX sources, as arXiv has them: macros that stand for text are put in, markup goes, formulas stay.

A stripper of our own: a parser of the whole language is a hundred times slower and knows no more of what
authors define. What it does not know, it leaves out with the backslash and keeps in braces.
"""

import re
from collections.abc import Mapping
from itertools import islice
from posixpath import basename, normpath, splitext
from unicodedata import normalize

MOST_MACROS = 2000
"""Definitions of a paper that are looked at."""
_MOST_MACRO_CHARS, _MOST_DEFINITION_CHARS = 200, 5000
"""Of a macro that is put in, and of one that is looked at."""
_MOST_CHARS = 4 << 20
"""Of a paper, also after macros are put in: more is a bomb, or tables."""
# A comment takes the end of its line with it, as in TeX.
_COMMENT = re.compile(r"(?<!\\)%[^\n]*\n?")
_INPUT = re.compile(r"\\(?:input|include|subfile)\s*\{([^{}]+)\}")
_DEFINED = re.compile(
    r"\\(?:re)?newcommand\*?\s*\{?\\([A-Za-z]+)\}?\s*(\[\d\])?(?:\[[^\]]*\])?\s*(?=\{)|\\def\s*\\([A-Za-z]+)\s*(?=\{)"
)
_GONE = re.compile(
    r"\\begin\{(figure|table|tikzpicture|thebibliography|lstlisting|algorithm|algorithmic|comment|filecontents)\*?\}"
    r".*?\\end\{\1\*?\}",
    re.DOTALL,
)
_HEADING = re.compile(
    r"\\(?:part|chapter|(?:sub)*section|paragraph|title)\*?\s*(?:\[[^\]]*\])?\{([^{}]*)\}"
)
_EMPTY = re.compile(
    r"\\(?:[cC]ite[a-zA-Z]*|ref|eqref|[cC]ref|autoref|pageref|label|bibliography(?:style)?|includegraphics|vspace|hspace"
    r"|usepackage|documentclass|pagestyle|thispagestyle|setcounter|setlength|input|include|footnotemark|index"
    r"|affiliation|email|address|thanks|orcid|author)\*?\s*(?:\[[^\]]*\]\s*)*(?:\{[^{}]*\})+"
)
_MARKED = re.compile(r"\\[a-zA-Z]+\*?\s*(?:\[[^\]]*\])?\{([^{}]*)\}")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{[^{}]*\}(?:\[[^\]]*\])?")
_ACCENT = re.compile(
    r"\\([`'^\"~=.])\s*(?:\{\s*\\?([A-Za-z])\s*\}|\\?([A-Za-z]))"
    r"|\\([uvHcdbr])(?:\s*\{\s*\\?([A-Za-z])\s*\}|\s+([A-Za-z])(?![A-Za-z]))"
)
_ACCENTS = dict(
    zip(
        "`'^\"~=.uvHcdbr",
        "\u0300\u0301\u0302\u0308\u0303\u0304\u0307\u0306\u030c\u030b\u0327\u0323\u0331\u030a",
        strict=True,
    )
)
_LETTERS = {
    "ss": "ß",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "o": "ø",
    "O": "Ø",
    "aa": "å",
    "AA": "Å",
    "l": "ł",
    "L": "Ł",
    "i": "i",
}
_LETTER = re.compile(
    rf"\\({'|'.join(sorted(_LETTERS, key=len, reverse=True))})(?![A-Za-z])\s?(?:\{{\}})?"
)
_MATH = re.compile(
    r"(?<!\\)\$\$.+?(?<!\\)\$\$|(?<!\\)\$[^$]+?(?<!\\)\$|\\\(.+?\\\)|\\\[.+?\\\]|"
    r"\\begin\{(equation|align|eqnarray|gather|multline|displaymath)\*?\}.*?\\end\{\1\*?\}",
    re.DOTALL,
)
_SIGNS = (("``", '"'), ("''", '"'), ("---", "\u2014"), ("--", "\u2013"), ("~", " "), ("\\\\", "\n"))


def tex_text(files: Mapping[str, str]) -> tuple[str, str]:
    """The text of a paper and its title, both empty if none of its files is LaTeX.

    Args:
        files: Contents of its files by name.

    Example:
        >>> tex_text({"a.tex": open("paper.tex").read()})[1]
        'An old idea'
    """
    main = _main_file(files)
    if main is None:
        return "", ""
    source = _with_macros(_with_inputs(main, files))
    found = re.search(r"\\title\s*(?:\[[^\]]*\])?\{((?:[^{}]|\{[^{}]*\})*)\}", source)
    title = " ".join(_plain(found[1]).split()) if found else ""
    body = source.partition("\\begin{document}")[2] or source
    return _plain(body.partition("\\end{document}")[0].partition("\\appendix")[0]), title


def _main_file(files: Mapping[str, str]) -> str | None:
    """The file with the document: of several the longest; of none that says so, the longest .tex."""
    sources = {
        name: text
        for name, text in files.items()
        if splitext(name)[1].lower() in (".tex", ".ltx", "")
    }
    heads = [
        n for n, text in sources.items() if "\\documentclass" in text or "\\documentstyle" in text
    ]
    named = heads or [n for n, text in sources.items() if "\\" in text]
    return max(named, key=lambda name: (len(sources[name]), name), default=None)


def _with_inputs(main: str, files: Mapping[str, str]) -> str:
    """The source of the main file with its parts put in, each once; names are looked up, never opened."""
    by_name = {normpath(name): name for name in files}
    by_name |= {splitext(each)[0]: name for each, name in by_name.items() if each.endswith(".tex")}
    by_base = {basename(each): name for each, name in by_name.items()}
    used = {main}

    def part(match: re.Match[str]) -> str:
        given = normpath(match[1].strip())
        name = by_name.get(given) or by_base.get(basename(given))
        if name is None or name in used:
            return ""
        used.add(name)
        return expanded(name)

    def expanded(name: str) -> str:
        return _INPUT.sub(part, _COMMENT.sub("", files[name]))

    return expanded(main)[:_MOST_CHARS]


def _with_macros(source: str) -> str:
    """The source with the author's macros put in that take no arguments; once, so that none runs away."""
    macros: dict[str, str] = {}
    parts, at = list[str](), 0
    for found in islice(_DEFINED.finditer(source), MOST_MACROS):
        meant = _braced(source, found.end()) if found.start() >= at else None
        if meant is None:
            continue
        if not found[2] and len(meant) < _MOST_MACRO_CHARS:
            macros[found[1] or found[3]] = meant
        parts.append(source[at : found.start()])
        at = found.end() + len(meant) + 2
    source = "".join([*parts, source[at:]])
    if not macros:
        return source
    names = "|".join(sorted(map(re.escape, macros), key=len, reverse=True))
    put = re.compile(rf"\\({names})(?![A-Za-z])(?:\{{\}})?")
    return put.sub(lambda match: macros[match[1]], source)[:_MOST_CHARS]


def _braced(source: str, at: int) -> str | None:
    """What stands between the brace at a place and the one that closes it."""
    depth = 0
    for place in range(at, min(len(source), at + _MOST_DEFINITION_CHARS)):
        if source[place] == "{" and source[place - 1] != "\\":
            depth += 1
        elif source[place] == "}" and source[place - 1] != "\\":
            depth -= 1
            if not depth:
                return source[at + 1 : place]
    return None


def _plain(source: str) -> str:
    """Markup taken out; formulas stay as they are."""
    source = _GONE.sub("", source)
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"\x00{len(kept) - 1}\x00"

    source = _ACCENT.sub(_composed, _MATH.sub(keep, source))
    source = _LETTER.sub(lambda m: _LETTERS[m[1]], source)
    source = _HEADING.sub(r"\n\n\1\n\n", _EMPTY.sub("", source))
    source = re.sub(
        r"\\item\s*(?:\[([^\]]*)\])?",
        lambda m: f"\n- {m[1] or ''}",
        _ENVIRONMENT.sub("\n\n", source),
    )
    for _ in range(8):
        inner = _MARKED.sub(r"\1", source)
        if inner == source:
            break
        source = inner
    for old, new in _SIGNS:
        source = source.replace(old, new)
    source = re.sub(r"\\([%&#_${}])", r"\1", re.sub(r"\\[A-Za-z]+\*?|(?<!\\)[{}]", "", source))
    source = re.sub(r"\x00(\d+)\x00", lambda m: " ".join(kept[int(m[1])].split()), source)
    paragraphs = (" ".join(each.split()) for each in re.split(r"\n\s*\n|\n(?=- )", source))
    return "\n\n".join(filter(None, paragraphs))


def _composed(match: re.Match[str]) -> str:
    """A letter with its accent, as one character where there is one."""
    sign, *letters = filter(None, match.groups())
    return normalize("NFC", letters[0] + _ACCENTS[sign])
