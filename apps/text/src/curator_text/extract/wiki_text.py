"""Text out of MediaWiki markup, as dumps of Wikipedia have it; by mwparserfromhell, of the extra `extract`."""

import re
from typing import Any

from curator_text.extract.stop_words import require

_FILES = frozenset(
    [
        "file",
        "image",
        "datei",
        "bild",
        "fichier",
        "archivo",
        "imagen",
        "ficheiro",
        "imagem",
        "bestand",
        "afbeelding",
        "plik",
        "grafika",
        "файл",
        "изображение",
        "immagine",
        "soubor",
        "fil",
        "tiedosto",
        "kuva",
        "tập_tin",
        "dosya",
        "berkas",
        "文件",
        "ファイル",
        "파일",
        "ملف",
        "category",
        "kategorie",
        "catégorie",
        "categoría",
        "categoria",
        "categorie",
        "kategoria",
        "категория",
        "分类",
        "カテゴリ",
        "분류",
        "تصنيف",
    ]
)
"""Names of the spaces of media and categories, in the languages with the most articles: links to them are no text."""
_GONE_TAGS = frozenset(
    {
        "ref",
        "table",
        "gallery",
        "math",
        "chem",
        "score",
        "timeline",
        "imagemap",
        "syntaxhighlight",
        "source",
    }
)
_SECTIONS = frozenset(
    {
        "references",
        "external links",
        "see also",
        "further reading",
        "notes",
        "bibliography",
        "sources",
    }
    | {
        "einzelnachweise",
        "weblinks",
        "siehe auch",
        "literatur",
        "références",
        "liens externes",
        "voir aussi",
    }
    | {
        "referencias",
        "enlaces externos",
        "véase también",
        "note",
        "collegamenti esterni",
        "bibliografia",
    }
)
_UNIT = frozenset({"convert", "cvt"})
_SAME = frozenset({"lang", "nowrap", "small", "transl", "ipa"})


def wiki_text(markup: str) -> str:
    """The text of an article: no tables, references, media, categories, no lists of links at its end.

    Raises:
        SettingsError: mwparserfromhell is not installed.

    Example:
        >>> wiki_text("A '''bold''' [[link|word]].")
        'A bold word.'
    """
    require("mwparserfromhell")
    import mwparserfromhell

    # `[[File:` and the like hold links themselves, which the parser's stripping would leave behind.
    code: Any = mwparserfromhell.parse(_before_lists(markup), skip_style_tags=False)
    for link in code.filter_wikilinks(recursive=True):
        space = str(link.title).partition(":")[0].strip().lower().replace(" ", "_")
        if space in _FILES and ":" in str(link.title):
            _remove(code, link)
    for tag in code.filter_tags(recursive=True):
        if str(tag.tag).strip().lower() in _GONE_TAGS:
            _remove(code, tag)
    for template in code.filter_templates(recursive=True):
        meant = _meaning(template)
        if meant:
            _replace(code, template, meant)
    text = str(code.strip_code(normalize=True, collapse=True))
    lines = (re.sub(r"^[*#:;]+\s*", "- ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line for line in lines if line != "-")).strip()


def is_redirect(markup: str) -> bool:
    """Whether an article only leads to another one."""
    return bool(re.match(r"\s*#[^\W\d_]+\s*:?\s*\[\[", markup))


def _before_lists(markup: str) -> str:
    """An article without its sections of references and links, and what follows them."""
    for heading in re.finditer(r"^==+\s*(.*?)\s*==+\s*$", markup, re.MULTILINE):
        if heading[1].strip("'").lower() in _SECTIONS:
            return markup[: heading.start()]
    return markup


def _meaning(template: Any) -> str:
    """What a template that stands for text shows; empty for all others."""
    name = str(template.name).strip().lower()
    values = [str(each.value).strip() for each in template.params if not each.showkey]
    if name in _UNIT and len(values) > 1:
        return f"{values[0]} {values[1]}"
    return values[-1] if name in _SAME and values else ""


def _remove(code: Any, node: Any) -> None:
    # One that lay in another is gone with it.
    try:
        code.remove(node)
    except ValueError:
        return


def _replace(code: Any, node: Any, text: str) -> None:
    try:
        code.replace(node, text)
    except ValueError:
        return
