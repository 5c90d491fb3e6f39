import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from curator_engine.errors import SettingsError
from curator_text.language.language_tags import LanguageTags


def test_a_text_has_the_tag_of_its_language():
    tags = LanguageTags()
    assert tags.tag("Der rote Bus steht vor dem alten Bahnhof und wartet.") == "deu"
    assert tags.tag("8 x 10") == "und"


def test_languages_are_named_as_people_write_them():
    assert LanguageTags().wanted(["en,de", "und"]) == ["eng", "deu", "und"]
    with pytest.raises(SettingsError, match="'english' is no code"):
        LanguageTags().wanted(["english"])


def test_it_is_what_the_package_offers():
    project = Path(__file__).parents[3] / "apps" / "text" / "pyproject.toml"
    offers = tomllib.loads(project.read_text())["project"]["entry-points"]["curator.stages"]
    module, _, name = offers["languages"].partition(":")
    assert getattr(import_module(module), name) is LanguageTags
