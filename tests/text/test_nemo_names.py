"""What the app offers under NeMo Curator's names; tests/engine/test_compat.py imports by them."""

import tomllib
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from curator_engine.entry_points import NAMES_GROUP
from curator_text.nemo_names import OFFERS

PROJECT = Path(__file__).parents[2] / "apps/text/pyproject.toml"


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
    home, ours = OFFERS[f"nemo_curator.stages.text.{module}"][name]
    assert ours == name
    assert getattr(import_module(home), ours).__name__ == name


def test_the_package_declares_its_names():
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    [(name, value)] = project["entry-points"][NAMES_GROUP].items()
    assert EntryPoint(name=name, value=value, group=NAMES_GROUP).load() is OFFERS


@pytest.mark.parametrize("path", OFFERS)
def test_each_name_is_called_the_same_here(path):
    for name, (home, ours) in OFFERS[path].items():
        found = getattr(import_module(home), ours)
        # A stage of a name that another has is called after NeMo Data Designer.
        assert ours in (name, f"NDD{name}")
        # A text, such as the name of a column, has no name; neither has a schema.
        assert getattr(found, "__name__", ours) == ours
