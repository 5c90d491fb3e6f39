"""Comments of languages, and strings in which there are none."""

import pytest

from curator_text.filters.comments import LANGUAGES, comments_of, python_comments


@pytest.mark.parametrize(
    ("language", "text", "comments"),
    [
        ("text/css", 'a { b: "/* no */" } /* yes */', [" yes "]),
        ("text/x-vhdl", 'a <= "-- no"; -- yes', [" yes"]),
        ("text/x-fortran", "print *, 'it''s ! no' ! yes", [" yes"]),
        ("text/x-typescript", "a = `// no`; // yes", [" yes"]),
        ("text/x-sh", "echo $# ${#a} a#b '# no' \"# no\" # yes\n#all", [" yes", "all"]),
        ("text/x-haskell", "f' = '\"' -- yes\n{- two -} g = \"-- no\"", [" yes", " two "]),
        ("text/x-julia", 'a = """# no\n"" """ #= b =# # yes', [" b ", " yes"]),
        ("text/x-common-lisp", '(a "; no" #| b |# c) ;; yes', [" b ", " yes"]),
        ("text/x-lua", "a = [==[ -- no ]] ]==] --[=[ b ]] ]=] -- yes", [" b ]] ", " yes"]),
        ("text/x-ocaml", 'let f\' = "(* no *)" (* yes *)', [" yes "]),
        ("text/x-pascal", "a := 'it''s { no }'; { b } (* c *) // d", [" b ", " c ", " d"]),
        ("text/x-stex", r"50\% \\ a % yes", [" yes"]),
        ("text/x-perl", "a\n=pod\n b\n=cut\n'# no' # yes", ["\n b\n", " yes"]),
        ("text/x-php", "'// no' # a\n// b\n/* c */", [" a", " b", " c "]),
        ("application/x-powershell", "<# a #> '# no' # b", [" a ", " b"]),
        ("text/x-python", "a = '''it's # no\n# no''' # yes", [" yes"]),
        ("text/x-python", "'''open # no\\", []),
        ("text/x-ruby", '=begin\na\n=end\nb = "#{c}" # yes', ["\na\n", " yes"]),
        ("text/x-rust", "fn f<'a>(x: &'a str) { '\"' } // yes", [" yes"]),
        ("text/x-sql", "SELECT '-- it''s', \"/* no */\" -- a\n/* b */", [" a", " b "]),
        ("text/x-vb", "a = \"it's\" ' yes", [" yes"]),
    ],
)
def test_comments_are_told_from_strings(language, text, comments):
    assert comments_of(text, language) == comments


@pytest.mark.parametrize("language", sorted(set(LANGUAGES.values())))
def test_marks_without_ends_are_read_once(language):
    mime = next(name for name, syntax in LANGUAGES.items() if syntax == language)
    for marks in ("'''", '"""', "[=[", "--[==", "{-", "(*", "\n=a", "#=", "#|", "<#", "<!--", "\\"):
        assert sum(map(len, comments_of(marks * 20_000 + "\\", mime))) <= 20_000 * len(marks)


def test_docstrings_and_comments_of_python_need_no_valid_file():
    text = (
        "def f(:\n    r'''Say # it.'''\n    a = '''# no'''  # yes\n    print '# no'\n'''open # end"
    )
    assert python_comments(text) == ["Say # it.", "# yes", "open # end"]
