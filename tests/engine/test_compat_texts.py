"""NeMo Curator's modules of filters, modifiers and what goes with them; tests/engine/test_compat.py imports by them."""

from importlib import import_module

import pytest

from curator_engine.compat_texts import OF_TEXTS


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("modifiers", "UnicodeReformatter"),
        ("modifiers", "Modify"),
        ("modifiers.modifier", "Modify"),
        ("modifiers.doc_modifier", "DocumentModifier"),
        ("modifiers.fasttext.fasttext_label", "FastTextLabelModifier"),
        ("modifiers.string", "LineRemover"),
        ("modifiers.string.c4", "BoilerPlateStringModifier"),
        ("modifiers.string.line_remover", "LineRemover"),
        ("modifiers.string.markdown_remover", "MarkdownRemover"),
        ("modifiers.string.newline_normalizer", "NewlineNormalizer"),
        ("modifiers.string.quotation_remover", "QuotationRemover"),
        ("modifiers.string.slicer", "Slicer"),
        ("modifiers.string.url_remover", "UrlRemover"),
        ("modifiers.unicode.unicode_reformatter", "UnicodeReformatter"),
        ("modules", "AddId"),
        ("modules.add_id", "AddId"),
        ("modules.joiner", "DocumentJoiner"),
        ("modules.splitter", "DocumentSplitter"),
    ],
)
def test_each_module_of_modifiers_offers_what_nemo_curators_does(module, name):
    home, ours = OF_TEXTS[f"nemo_curator.stages.text.{module}"][name]
    assert ours == name
    assert getattr(import_module(home), ours).__name__ == name
