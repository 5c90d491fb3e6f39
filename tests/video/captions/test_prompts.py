"""Prompts by variant, and the user's own."""

import pytest

from curator_engine.errors import SettingsError
from curator_video.captions.prompts import (
    CAPTION_PROMPTS,
    ENHANCE_PROMPTS,
    caption_prompt,
    enhance_prompt,
)


def test_every_variant_has_both_prompts():
    assert list(CAPTION_PROMPTS) == list(ENHANCE_PROMPTS) == ["default", "av", "av-surveillance"]


@pytest.mark.parametrize("choose", [caption_prompt, enhance_prompt])
def test_the_variants_differ(choose):
    assert len({choose(variant) for variant in CAPTION_PROMPTS}) == 3


@pytest.mark.parametrize("choose", [caption_prompt, enhance_prompt])
def test_the_users_own_text_wins(choose):
    assert choose("av", " How many cars? ") == "How many cars?"


@pytest.mark.parametrize("choose", [caption_prompt, enhance_prompt])
def test_an_unknown_variant_names_the_known(choose):
    with pytest.raises(SettingsError, match="use one of default, av, av-surveillance"):
        choose("drone")
