"""MathML as LaTeX."""

import lxml.html
import pytest

from curator_text.extract.mathml_tex import joined, mathml_tex


def tex(inner):
    return mathml_tex(lxml.html.fromstring(f"<math>{inner}</math>"))


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<mi>x</mi><mo>=</mo><mn>2</mn>", "x=2"),
        ("<mfrac><mi>a</mi><mi>β</mi></mfrac>", r"\frac{a}{\beta}"),
        ('<mfrac linethickness="0"><mi>n</mi><mi>k</mi></mfrac>', r"\binom{n}{k}"),
        ("<msqrt><mn>2</mn><mi>x</mi></msqrt>", r"\sqrt{2x}"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", r"\sqrt[3]{x}"),
        ("<msup><mrow><mi>a</mi><mi>b</mi></mrow><mn>2</mn></msup>", "{ab}^{2}"),
        ("<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>", "x_{i}^{2}"),
        ("<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover><mi>x</mi>", r"\sum_{i}^{n}x"),
        ("<munder><mo>lim</mo><mi>n</mi></munder><mi>a</mi>", r"\lim_{n}a"),
        ("<mover><mi>x</mi><mo>¯</mo></mover>", r"\bar{x}"),
        ("<mover><mi>x</mi><mi>d</mi></mover>", r"\overset{d}{x}"),
        ("<mover><mo>∏</mo><mi>n</mi></mover>", r"\prod^{n}"),
        ("<munder><mi>x</mi><mo>_</mo></munder>", r"\underline{x}"),
        ("<munder><mi>x</mi><mi>d</mi></munder>", r"\underset{d}{x}"),
        (
            "<munderover><mi>x</mi><mi>a</mi><mi>b</mi></munderover>",
            r"\underset{a}{\overset{b}{x}}",
        ),
        ("<mi>sin</mi><mi>θ</mi><mi>Γ</mi><mi>&Scaron;</mi>", r"\sin\theta\Gamma Š"),
        ("<mi>ker</mi><mi>f</mi><mi>rank</mi>", r"\ker f\mathrm{rank}"),
        (
            "<mi>&reals;</mi><mi>&#x1D465;</mi><mi>&#x1D431;</mi><mi>ϕ</mi><mi>é</mi>",
            r"\mathbb{R}x\mathbf{x}\phi é",
        ),
        ('<mi mathvariant="normal">d</mi>', r"\mathrm{d}"),
        ("<mtext>if  so</mtext><mtext> </mtext><mspace></mspace><mi>x</mi>", r"\text{if so}  x"),
        ("<mfenced><mi>a</mi><mi>b</mi></mfenced>", "(a,b)"),
        ('<mfenced open="{" close="" separators="|"><mi>a</mi><mi>b</mi></mfenced>', r"\{a|b"),
        (
            "<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr><mtr><mtd><mn>3</mn></mtd></mtr></mtable>",
            r"\begin{matrix}1 & 2 \\ 3\end{matrix}",
        ),
        (
            "<semantics><mi>x</mi><annotation>y</annotation></semantics><mphantom><mi>z</mi></mphantom>",
            "x",
        ),
        ("<!-- no --><mi>x</mi><mfrac><mi>y</mi></mfrac>", "xy"),
        ("<mo>&amp;</mo><mo>%</mo>", r"\&\%"),
    ],
)
def test_what_one_sees_is_written(inner, expected):
    assert tex(inner) == expected


def test_of_what_lies_too_deep_the_text_stays():
    assert tex("<mrow><msup>" * 70 + "<mi>x</mi>") == "x"


def test_a_letter_behind_a_command_is_kept_apart():
    assert joined([r"\alpha", "x", r"\beta", "2"]) == r"\alpha x\beta2"
