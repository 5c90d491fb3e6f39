"""Main texts of HTML pages, by three libraries: the parameters and defaults are NeMo Curator's.

An extractor gives the paragraphs of the page's main part. Given a list of frequent words, it leaves out
paragraphs that hold few of them: menus and link lists have none. Without a list, all paragraphs stay.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from curator_engine.positional import positional
from curator_text.extract.page_formulas import write_formulas
from curator_text.extract.stop_words import NOT_SPACED, require


class HTMLExtractorAlgorithm(ABC):
    """What finds the main text of a page."""

    NON_SPACED_LANGUAGES = NOT_SPACED

    @abstractmethod
    def extract_text(
        self, html: str, stop_words: frozenset[str] = frozenset(), language: str = ""
    ) -> list[str] | None:
        """The paragraphs of a page's main text, or None if there is none.

        Args:
            html: The page.
            stop_words: Frequent words of its language; none to leave no paragraph out for them.
            language: English name of its language, in capitals.
        """


class ResiliparseExtractor(HTMLExtractorAlgorithm):
    """Resiliparse: fast; keeps headings and lists, and more of what stands around the text.

    Example:
        >>> ResiliparseExtractor(alt_texts=True).extract_text("<p>One.</p><p>Two.</p>")
    """

    def __init__(
        self,
        required_stopword_density: float = 0.32,
        main_content: bool = True,
        alt_texts: bool = False,
    ) -> None:
        self.required_stopword_density = required_stopword_density
        self.main_content, self.alt_texts = main_content, alt_texts

    def extract_text(
        self, html: str, stop_words: frozenset[str] = frozenset(), language: str = ""
    ) -> list[str] | None:
        """The paragraphs."""
        from resiliparse.extract.html2text import extract_plain_text

        text = extract_plain_text(html, main_content=self.main_content, alt_texts=self.alt_texts)
        lines = filter(None, map(str.strip, text.split("\n")))
        return _of_sentences(lines, stop_words, language, self.required_stopword_density)


class MathExtractor(HTMLExtractorAlgorithm):
    """Pages about mathematics: formulas become LaTeX between $ signs, and lines of code keep their indentation.

    The main part is found as resiliparse does. Formulas are those of MathJax, KaTeX, MathML, Wikipedia, and
    pictures of formulas that say their LaTeX. A paragraph with a formula or code needs no frequent words.

    Args:
        required_stopword_density: Of a paragraph, where there are stop words.
        main_content: Only the main part of a page.

    Example:
        >>> MathExtractor().extract_text('<p>So <math alttext="x^2"></math> grows.</p>')
        ['So $x^2$ grows.']
    """

    def __init__(self, required_stopword_density: float = 0.32, main_content: bool = True) -> None:
        self.required_stopword_density, self.main_content = required_stopword_density, main_content

    def extract_text(
        self, html: str, stop_words: frozenset[str] = frozenset(), language: str = ""
    ) -> list[str] | None:
        """The paragraphs, and the lines of code."""
        from resiliparse.extract.html2text import extract_plain_text

        text = extract_plain_text(
            write_formulas(html), main_content=self.main_content, alt_texts=False
        )
        lines = [line.rstrip() for line in text.split("\n") if line.strip()]
        if not stop_words or language.upper() in NOT_SPACED:
            return lines or None
        least = self.required_stopword_density
        kept = (
            line
            for line in lines
            if line[0] in " \t"
            or "$" in line
            or "\\" in line
            or _density(line, stop_words) >= least
        )
        return list(kept) or None


class TrafilaturaExtractor(HTMLExtractorAlgorithm):
    """Trafilatura: leaves out most of what stands around the text; slow.

    Args:
        required_stopword_density: Of a paragraph, where there are stop words.
        min_extracted_size: Characters below which its second methods are tried.
        min_extracted_comm_size: Kept for scripts; the library has no such setting any more.
        min_output_size: Characters below which a page has no text.
        min_output_comm_size: The same of comments.
        max_tree_size: Elements above which a page is given up.
        min_duplcheck_size: Characters from which a paragraph is compared with others.
        max_repetitions: Of a paragraph, with `deduplicate=True`.
        extract_kwargs: Further options of `trafilatura.extract`.

    Example:
        >>> TrafilaturaExtractor(favor_precision=True).extract_text(page)
    """

    def __init__(
        self,
        required_stopword_density: float = 0.32,
        min_extracted_size: int = 250,
        min_extracted_comm_size: int = 1,
        min_output_size: int = 1,
        min_output_comm_size: int = 1,
        max_tree_size: int | None = None,
        min_duplcheck_size: int = 100,
        max_repetitions: int = 2,
        **extract_kwargs: Any,
    ) -> None:
        self.required_stopword_density = required_stopword_density
        self.limits = {
            "MIN_EXTRACTED_SIZE": min_extracted_size,
            "MIN_OUTPUT_SIZE": min_output_size,
            "MIN_OUTPUT_COMM_SIZE": min_output_comm_size,
            "MAX_TREE_SIZE": "" if max_tree_size is None else max_tree_size,
            "MIN_DUPLCHECK_SIZE": min_duplcheck_size,
            "MAX_REPETITIONS": max_repetitions,
        }
        self.min_extracted_comm_size = min_extracted_comm_size
        self.extract_kwargs = extract_kwargs
        self._config: Any = None

    def extract_text(
        self, html: str, stop_words: frozenset[str] = frozenset(), language: str = ""
    ) -> list[str] | None:
        """The paragraphs."""
        from trafilatura import extract
        from trafilatura.settings import DEFAULT_CONFIG

        if self._config is None:
            self._config = deepcopy(DEFAULT_CONFIG)
            for name, value in self.limits.items():
                self._config["DEFAULT"][name] = str(value)
        text = extract(html, config=self._config, **self.extract_kwargs)
        if not text:
            return None
        lines = filter(None, text.split("\n"))
        return _of_sentences(lines, stop_words, language, self.required_stopword_density)


@positional(
    "length_low",
    "length_high",
    "stopwords_low",
    "stopwords_high",
    "max_link_density",
    "max_heading_distance",
    "no_headings",
    "is_boilerplate",
)
class JusTextExtractor(HTMLExtractorAlgorithm):
    """JusText: keeps long sentences with frequent words, and drops pages of short ones.

    Args:
        length_low: Characters below which a paragraph counts as short.
        length_high: Those above which it counts as long.
        stopwords_low: Share of frequent words below which a paragraph goes.
        stopwords_high: That from which it may be good.
        max_link_density: Share of its characters in links, at most.
        max_heading_distance: Characters from a heading to the text that it belongs to.
        no_headings: Take headings for short paragraphs.
        is_boilerplate: Drop what counts as boilerplate; not in languages without spaces unless given.

    Example:
        >>> JusTextExtractor().extract_text(page, stop_words("English"), "ENGLISH")
    """

    def __init__(
        self,
        *,
        length_low: int = 70,
        length_high: int = 200,
        stopwords_low: float = 0.3,
        stopwords_high: float = 0.32,
        max_link_density: float = 0.2,
        max_heading_distance: int = 200,
        no_headings: bool = False,
        is_boilerplate: bool | None = None,
    ) -> None:
        require("justext")
        self.limits = {
            "length_low": length_low,
            "length_high": length_high,
            "stopwords_low": stopwords_low,
            "stopwords_high": stopwords_high,
            "max_link_density": max_link_density,
            "no_headings": no_headings,
        }
        self.max_heading_distance, self.is_boilerplate = max_heading_distance, is_boilerplate

    def extract_text(
        self, html: str, stop_words: frozenset[str] = frozenset(), language: str = ""
    ) -> list[str] | None:
        """The paragraphs; without stop words, those that their lengths and links let stay."""
        from justext.core import (
            ParagraphMaker,
            classify_paragraphs,
            html_to_dom,
            preprocessor,
            revise_paragraph_classification,
        )

        limits: dict[str, Any] = dict(self.limits)
        if not stop_words:
            limits |= {"stopwords_low": 0.0, "stopwords_high": 0.0}
        tree: Any = preprocessor(html_to_dom(html))
        paragraphs: Any = ParagraphMaker.make_paragraphs(tree)
        classify_paragraphs(paragraphs, stop_words, **limits)
        revise_paragraph_classification(paragraphs, self.max_heading_distance)
        drops = self.is_boilerplate
        if drops is None:
            drops = language.upper() not in NOT_SPACED
        found = [str(each.text) for each in paragraphs if not (drops and each.is_boilerplate)]
        return found or None


def _of_sentences(
    lines: Iterable[str], stop_words: frozenset[str], language: str, density: float
) -> list[str] | None:
    """The lines, without those that hold few stop words."""
    if not stop_words or language.upper() in NOT_SPACED:
        return list(lines) or None
    return [line for line in lines if _density(line, stop_words) >= density] or None


def _density(line: str, stop_words: frozenset[str]) -> float:
    words = line.split()
    return sum(word.lower() in stop_words for word in words) / len(words) if words else 0.0


EXTRACTORS: dict[str, Callable[[], HTMLExtractorAlgorithm]] = {
    "resiliparse": ResiliparseExtractor,
    "trafilatura": TrafilaturaExtractor,
    "justext": JusTextExtractor,
    "math": MathExtractor,
}
"""Makers of extractors with their defaults, by name."""
