"""LaTeX into text."""

import pytest

from curator_text.extract.tex_text import tex_text


def body(source):
    return tex_text(
        {"a.tex": rf"\documentclass{{article}}\begin{{document}}{source}\end{{document}}"}
    )[0]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"An \emph{old \textbf{idea}}, {\it new}.", "An old idea, new."),
        (r"M\"uller, caf\'{e}, \v{c}, \c c, \ss{} and \o.", "Müller, café, č, ç, ß and ø."),
        (r"5\% of \$3~billion, ``quoted'' -- so.", '5% of $3 billion, "quoted" \u2013 so.'),
        ("Kept % not this\nand this \\% too.", "Kept and this % too."),
        (r"See \cite{a,b} and~\ref{c}: $x \in \mathbb{R}$.", r"See and : $x \in \mathbb{R}$."),
        (
            r"\section{One}Text.\begin{itemize}\item a\item b\end{itemize}",
            "One\n\nText.\n\n- a\n\n- b",
        ),
        (r"Before.\begin{figure}\caption{Not this}\end{figure}After.", "Before.After."),
        (
            r"\begin{equation} a \label{e} = b \end{equation} holds.",
            r"\begin{equation} a \label{e} = b \end{equation} holds.",
        ),
    ],
)
def test_markup_becomes_text(source, text):
    assert body(source) == text


def test_macros_of_the_author_are_put_in():
    source = (
        r"\newcommand{\name}{Harbour}\newcommand{\f}[1]{<#1>}" + "\n" + r"\name{} and \name, \f{x}."
    )
    assert body(source) == "Harbour and Harbour, x."


def test_parts_are_put_in_and_never_opened():
    files = {
        "main.tex": r"\documentclass{a}\title{A \emph{new} {\bf idea}}\begin{document}One. \input{sec/two}\input{/etc/passwd}"
        r"\include{../../main}\end{document}",
        "sec/two.tex": r"Two. \input{sec/two}",
    }
    assert tex_text(files) == ("One. Two.", "A new idea")


def test_files_without_latex_give_nothing():
    assert tex_text({"a.txt": "text", "b.png": ""}) == ("", "")
    assert tex_text({}) == ("", "")


def test_macros_that_name_themselves_end():
    assert body(r"\newcommand{\a}{\a\a}" + "\n" + r"x \a y") == "x y"
