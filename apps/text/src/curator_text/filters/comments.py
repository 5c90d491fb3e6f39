r"""Comments of programming languages: a small table of what begins and ends them, and of strings, in which there are none.

A string or comment without an end goes to the end of its line or of the file: to look for the end from each mark
would take the square. Block comments within each other end at the first end mark.
"""

import re

_DOUBLE = r'"(?:\\.|[^"\\\n])*"?'
_SINGLE = r"'(?:\\.|[^'\\\n])*'?"
_STRINGS = f"{_DOUBLE}|{_SINGLE}"
_DOUBLED = r"'(?:''|[^'\n])*'?|" + '"[^"\\n]*"?'
"""Strings in which a quote is written twice, as in SQL."""
_CHARACTER = r"'(?:\\[^\n']+|[^'\\\n])'"
"""Of Rust and Haskell, where a single quote also stands in names."""
_TRIPLE = "|".join(rf"{mark}(?:\\(?:.|\Z)|[^\\])*?(?:{mark}|\Z)" for mark in ("'''", '"""'))
_HASH = r"(?<![^\s;()\[\]|&,=])#(?P<line>[^\n]*)"
"""Not in the middle of a word, as in `$#` and `${#a}` of shells."""


def _line(mark: str) -> str:
    return f"{mark}(?P<line>[^\\n]*)"


def _block(begin: str, end: str) -> str:
    return rf"{begin}(?P<block>.*?)(?:{end}|\Z)"


_SLASHES = f"{_line('//')}|{_block(r'/\*', r'\*/')}"


def _syntax(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(parts), re.DOTALL | re.MULTILINE)


_SYNTAXES = {
    "c": _syntax(_STRINGS, _SLASHES),
    "css": _syntax(_STRINGS, _block(r"/\*", r"\*/")),
    "dashes": _syntax(_DOUBLED, _line("--")),
    "fortran": _syntax(_DOUBLED, _line("!")),
    "go": _syntax(r"`[^`]*(?:`|\Z)", _STRINGS, _SLASHES),
    "hash": _syntax(_STRINGS, _HASH),
    "haskell": _syntax(_DOUBLE, _CHARACTER, _block(r"\{-", r"-\}"), _line("--+")),
    "julia": _syntax(_TRIPLE, _DOUBLE, _block("#=", "=#"), _line("#")),
    "lisp": _syntax(_DOUBLE, _block(r"#\|", r"\|#"), _line(";+")),
    "lua": _syntax(
        r"--\[(?P<level>=*)\[(?P<block>.*?)(?:\](?P=level)\]|\Z)",
        r"\[(?P<quote>=*)\[.*?(?:\](?P=quote)\]|\Z)",
        _STRINGS,
        _line("--"),
    ),
    "ml": _syntax(_DOUBLE, _CHARACTER, _block(r"\(\*", r"\*\)")),
    "pascal": _syntax(_DOUBLED, _block(r"\(\*", r"\*\)") + r"|\{(?P<brace>[^}]*)\}?", _line("//")),
    "percent": _syntax(r"\\.", _line("%+")),
    "perl": _syntax(_block(r"^=[a-z]\w*", r"^=cut\b"), _STRINGS, _HASH),
    "php": _syntax(_STRINGS, _SLASHES, r"#(?P<hash>[^\n]*)"),
    "powershell": _syntax(_DOUBLED, _block("<#", "#>"), _HASH),
    "python": _syntax(_TRIPLE, _STRINGS, _line("#")),
    "ruby": _syntax(_block(r"^=begin\b", r"^=end\b"), _STRINGS, _HASH),
    "rust": _syntax(_DOUBLE, _CHARACTER, _SLASHES),
    "sql": _syntax(_DOUBLED, _line("--"), _block(r"/\*", r"\*/")),
    "vb": _syntax(r'"[^"\n]*"?', _line("'")),
    "xml": _syntax(_block("<!--", "-->")),
}
_NAMES = {
    "c": "c c++ c++src csrc chdr c++hdr java java-source csharp objectivec objectivec++ scala kotlin swift d groovy"
    " dart cuda glsl verilog",
    "css": "",
    "dashes": "vhdl ada elm",
    "fortran": "fortran",
    "go": "go typescript javascript jsx",
    "hash": "sh shellscript r rsrc yaml toml dockerfile cmake makefile elixir crystal nim tcl",
    "haskell": "haskell purescript",
    "julia": "julia",
    "lisp": "common-lisp lisp scheme clojure asm",
    "lua": "lua",
    "ml": "ocaml sml fsharp",
    "pascal": "pascal",
    "percent": "stex tex octave matlab erlang prolog",
    "perl": "perl",
    "php": "php",
    "powershell": "powershell",
    "python": "python cython",
    "ruby": "ruby",
    "rust": "rust",
    "sql": "sql mysql pgsql plsql",
    "vb": "vb vbscript",
    "xml": "",
}
"""Ends of text/x-..., as GitHub's Linguist, CodeMirror and libmagic call languages."""
_OTHERS = {
    "application/javascript": "go",
    "application/x-httpd-php": "php",
    "application/x-powershell": "powershell",
    "application/xml": "xml",
    "text/css": "css",
    "text/html": "xml",
    "text/javascript": "go",
    "text/xml": "xml",
}
LANGUAGES: dict[str, str] = {
    f"text/x-{name}": syntax for syntax, names in _NAMES.items() for name in names.split()
} | _OTHERS
"""What comments look like, by the language's MIME type."""
_COMMENTS = ("line", "block", "hash", "brace")


def comments_of(text: str, language: str) -> list[str]:
    """The comments of a file without their marks, in order.

    Args:
        text: The file.
        language: Its MIME type, of `LANGUAGES`.

    Example:
        >>> comments_of('a = "# no"  # yes', "text/x-python")
        [' yes']
    """
    found = list[str]()
    for match in _SYNTAXES[LANGUAGES[language]].finditer(text):
        given = match.groupdict()
        comment = next((given[name] for name in _COMMENTS if given.get(name) is not None), None)
        if comment is not None:
            found.append(comment)
    return found


_DOCSTRING = rf"^[ \t]*[rRuU]?(?P<docstring>{_TRIPLE})"
_PYTHON = _syntax(_DOCSTRING, _TRIPLE, _STRINGS, r"(?P<comment>#[^\n]*)")


def python_comments(text: str) -> list[str]:
    """Comments of Python with their marks, and docstrings without, of a file that need not be valid.

    A string of three quotes that begins a line counts as a docstring; one without an end goes to the end of the file.

    Example:
        >>> python_comments("print 'a # no'  # yes")
        ['# yes']
    """
    found = list[str]()
    for match in _PYTHON.finditer(text):
        if match["comment"] is not None:
            found.append(match["comment"])
        elif match["docstring"] is not None:
            found.append(match["docstring"].strip("\"'").strip())
    return found
