"""Each rule on source code on both sides of its limit."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.filters.code import (
    AlphaFilter,
    GeneralCommentToCodeFilter,
    HTMLBoilerplateFilter,
    NumberOfLinesOfCodeFilter,
    PerExtensionFilter,
    PythonCommentToCodeFilter,
    XMLHeaderFilter,
)

_CODE = 'def f():\n    """Say it."""\n    return 1  # one\n'


@pytest.mark.parametrize(
    ("rule", "kept", "dropped"),
    [
        (NumberOfLinesOfCodeFilter(), 9 * "a\n", 8 * "a\n"),
        (AlphaFilter(), "a123", "a1234"),
        (XMLHeaderFilter(), 100 * " " + "<?xml version=", 86 * " " + "<?xml version="),
        (PythonCommentToCodeFilter(), _CODE, "x = 1\n" * 20),
        (PythonCommentToCodeFilter(), _CODE, "# only a comment\n"),
    ],
)
def test_a_document_at_the_limit_stays_and_one_past_it_goes(rule, kept, dropped):
    assert [rule.keep_document(rule.score_document(text)) for text in (kept, dropped)] == [
        True,
        False,
    ]


def test_comments_and_docstrings_count_by_their_characters():
    assert PythonCommentToCodeFilter().score_document(_CODE) == len("Say it.# one") / len(_CODE)


@pytest.mark.parametrize("text", ["def f(:", "", "\x00", "(" * 5000, "'''", "  a\n b"])
def test_what_does_not_parse_and_has_no_marks_has_no_comments(text):
    assert PythonCommentToCodeFilter().score_document(text) == 0


@pytest.mark.parametrize("broken", ["print 'a # b'\n", "x = 0777\n", "x = 'open\n", "f(\n"])
def test_comments_of_what_does_not_parse_count_like_those_of_what_does(broken):
    text = _CODE + broken
    assert PythonCommentToCodeFilter().score_document(text) == len("Say it.# one") / len(text)


@pytest.mark.parametrize(
    ("language", "text", "comments"),
    [
        ("text/x-c", "int a; // one\n/* two\n */ int b;", [" one", " two\n "]),
        ("text/x-c++", 'char *a = "// no", b = \'"\'; // yes', [" yes"]),
        ("text/x-java-source", '"a\\" // no" /* yes', [" yes"]),
        ("text/x-go", "a := `// no`; // yes", [" yes"]),
        ("text/x-shellscript", "echo 'a # no' # yes", [" yes"]),
        ("text/html", "<p>a<!-- yes --></p>", [" yes "]),
        ("text/x-c", "int a;", []),
        ("text/x-c", "", []),
    ],
)
def test_comments_are_told_from_strings(language, text, comments):
    score = GeneralCommentToCodeFilter(language).score_document(text)
    assert score == (len(" ".join(comments)) / len(text) if text else 0)


def test_a_language_whose_comments_are_not_known_is_refused():
    with pytest.raises(SettingsError, match=r"text/x-cobol.* is not known; there are application"):
        GeneralCommentToCodeFilter("text/x-cobol")


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("/* " * 200_000, 1 - 2 / 600_000),
        ('"' * 200_000, 0),
        ("'\\" * 200_000, 0),
        ("`" * 200_001, 0),
    ],
)
def test_what_looks_like_many_comments_is_read_once(text, score):
    # To begin again at each mark would take the square of the time: minutes.
    assert GeneralCommentToCodeFilter("text/x-go").score_document(text) == score


def test_of_a_page_what_one_sees_counts():
    text = (
        "<html><style>p {}</style><script>let a;</script><!-- no --><p>" + 100 * "a" + "&amp;</p>"
    )
    assert HTMLBoilerplateFilter().score_document(text) == 101 / len(text)
    assert HTMLBoilerplateFilter().score_document("<p>" + 99 * "a") == 0
    assert HTMLBoilerplateFilter().keep_document(0.2)
    assert not HTMLBoilerplateFilter().keep_document(0.19)


@pytest.mark.parametrize("part", ["<script>", "<!--", "<a ", "</a"])
def test_a_page_of_open_tags_is_read_once(part):
    assert HTMLBoilerplateFilter().score_document(part * 100_000) == 0


_CSV = """language,extension,Include,Long_line_threshold,Alphanum_threshold,Alpha filter
python,py,1,20,0.5,0.25
python,ipynb,0,,,
c-sharp,cs,1,,,
"""


@pytest.fixture
def limits(tmp_path):
    path = tmp_path / "code_meta.csv"
    path.write_text(_CSV)
    return str(path)


@pytest.mark.parametrize(
    ("lang", "extension", "text", "kept"),
    [
        ("Python", "py", 20 * "a", True),
        ("Python", "py", 21 * "a", False),
        ("Python", "py", "ab**", True),
        ("Python", "py", "ab***", False),
        ("Python", "py", "a111", True),
        ("Python", "py", "a1111", False),
        ("Python", "py", "", False),
        ("Python", "ipynb", "a", False),
        ("Python", "pyx", "a", False),
        ("C#", "cs", 500 * "a", True),
    ],
)
def test_limits_are_those_of_language_and_extension(limits, lang, extension, text, kept):
    rule = PerExtensionFilter(lang, extension, metadata_file=limits)
    assert rule.keep_document(rule.score_document(text)) == kept


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "cannot be read"), (b"a,b\n1,2\n", "no rows of 'python'"), (b"\xff\n", "no CSV file")],
)
def test_a_file_without_limits_is_refused(tmp_path, content, message):
    path = tmp_path / "limits.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=message):
        PerExtensionFilter("Python", "py", metadata_file=str(path))
