"""Formulas of pages, as MathJax, KaTeX, MathML, Wikipedia and others hold them."""

import pytest

from curator_text.extract.html_extractors import MathExtractor
from curator_text.extract.page_formulas import count_formulas, write_formulas

ANNOTATED = (
    '<math{display}><semantics><mrow><mi>q</mi></mrow><annotation encoding="application/x-tex">x^2 % so'
    "\n</annotation></semantics></math>"
)
KATEX = '<span class="katex"><span class="katex-mathml">{math}</span><span class="katex-html">q</span></span>'
RENDERED = '<span class="MathJax_Preview">q</span><span class="MathJax"><nobr><span class="math">q_1</span></nobr></span>'
WIKIPEDIA = (
    '<span class="mwe-math-element"><span style="display: none;"><math><mi>q</mi></math></span>'
    r'<img src="/svg/9f" class="mwe-math-fallback-image-inline" alt="{\displaystyle x^{2}}"></span>'
)
ENTITIES = (
    "&lt;math&gt;&lt;msup&gt;&lt;mi&gt;x&lt;/mi&gt;&lt;mn&gt;2&lt;/mn&gt;&lt;/msup&gt;&lt;/math&gt;"
)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (KATEX.format(math=ANNOTATED.format(display="")), "$x^2$"),
        (
            f'<span class="katex-display">{KATEX.format(math=ANNOTATED.format(display=""))}</span>',
            "$$x^2$$",
        ),
        (RENDERED + r'<script type="math/tex">\alpha < 1</script>', r"$\alpha < 1$"),
        (
            r'<div class="MathJax_Display">q</div><script type="math/tex; mode=display">x^2</script>',
            "$$x^2$$",
        ),
        ('<script type="math/mml"><math><mi>x</mi></math></script>', "$x$"),
        (f'<span class="MathJax" data-mathml="{ENTITIES}">q</span>', "$x^{2}$"),
        (
            '<mjx-container class="MathJax" display="true"><mjx-math>q</mjx-math><mjx-assistive-mml>'
            "<math><mfrac><mi>a</mi><mi>b</mi></mfrac></math></mjx-assistive-mml></mjx-container>",
            r"$$\frac{a}{b}$$",
        ),
        ('<math alttext="x^{2}" display="block"><mi>q</mi></math>', "$$x^{2}$$"),
        (r'<math alttext="{\textstyle x}"></math>', "$x$"),
        (WIKIPEDIA.replace("<math><mi>q</mi></math>", ""), "$x^{2}$"),
        (
            '<img src="https://s0.wp.com/latex.php?latex=%5Cint+x%2By&#038;bg=fff" alt="q">',
            r"$\int x+y$",
        ),
        (r'<img src="https://latex.codecogs.com/gif.latex?\sqrt%7B3%7D">', r"$\sqrt{3}$"),
        ('<img src="//chart.googleapis.com/chart?cht=tx&amp;chl=x%5E2">', "$x^2$"),
        (r'<img class="latex" src="a.png" alt="$\displaystyle x$">', r"$\displaystyle x$"),
        (r'<img class="tex" src="a.png" alt="\[x\]">', "$$x$$"),
        ('<span class="math inline">w_1</span>', "$w_1$"),
        ('<span class="math display">w_1</span>', "$$w_1$$"),
        (
            r'<math alttext="\begin{align}x\end{align}" display="block"></math>',
            r"\begin{align}x\end{align}",
        ),
    ],
)
def test_a_formula_becomes_latex(markup, expected):
    text = "\n".join(MathExtractor().extract_text(f"<main><p>As {markup} so.</p></main>") or [])
    assert text.split() == ["As", *expected.split(), "so."]


@pytest.mark.parametrize(
    "page",
    [
        "<p>Only words.</p>",
        '<p><img class="photo" src="latex.png" alt="a cat"> <span class="math">two words</span></p>',
        '<p><span class="math-container">$y$</span><span class="math">\\(x_1\\)</span></p>',
        '<img src="a.svg?mathjax=1">',
        '<math alttext="' + "x" * 30_000 + '"></math>',
        "<math>",
        "<!-- <math> -->",
        "",
    ],
)
def test_a_page_without_formulas_in_its_markup_stays_as_it_is(page):
    assert write_formulas(page) == page


def test_what_follows_a_formula_stays_and_a_declaration_does_no_harm():
    page = (
        "<?xml version='1.0' encoding='latin1'?><p>a <math><mi>\0x</mi></math> b <!-- c --> d</p>"
    )
    assert (
        write_formulas(page) == "<html><body><p>a <span>$x$</span> b <!-- c --> d</p></body></html>"
    )


@pytest.mark.parametrize(
    "page",
    [
        "<math>" * 5000 + "<mi>x",
        "<span class=katex>" * 5000 + "<mjx-container>" * 5000,
        "<math><msup>" * 5000,
        "<img class=latex>" * 5000,
    ],
)
def test_a_nest_of_formulas_is_gone_through_once(page):
    assert len(write_formulas(page)) <= len(page) + 100


def test_code_keeps_its_lines_and_indentation():
    page = "<main><p>See:</p><pre><code>def f(x):\n    return x\n\ny = 2</code></pre></main>"
    assert MathExtractor().extract_text(page) == ["See:", "def f(x):", "    return x", "y = 2"]


def test_paragraphs_of_formulas_need_no_frequent_words():
    page = "<main><p>the sum is</p><p>$x$</p><p>Oslo Rome</p></main>"
    assert MathExtractor().extract_text(page, frozenset(["the", "is"]), "ENGLISH") == [
        "the sum is",
        "$x$",
    ]
    assert MathExtractor().extract_text("<main></main>") is None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (r"As $x^2$ costs $5 or $6, \(y\) follows.", 2),
        (r"$$a$$ \[ \begin{m} a \\[2pt] b\end{m} \] \begin{align*}x\end{align*}", 3),
        ("$10 and $20 = more, US$5=$6", 0),
        (r"\$5 and $f(x, y)$ and $n$", 2),
        ("$two words$ and $$", 0),
        ("\\[" * 50_000 + "$ a" * 50_000 + "\\(\\" * 50_000, 0),
    ],
)
def test_formulas_are_counted_and_prices_are_not(text, count):
    assert count_formulas(text) == count
