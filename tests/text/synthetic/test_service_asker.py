"""Texts to a service by the journal: each once, those that are refused alone."""

import pytest

from curator_engine.errors import ResourceError, SettingsError, StorageError
from curator_engine.models.asker import Asking
from curator_engine.models.endpoint import EndpointError
from curator_text.synthetic.prompt_recipe import load_prompt_recipe
from curator_text.synthetic.service_asker import (
    ServiceText,
    batch_of,
    open_service,
    recipe_for_service,
    text_for,
)
from curator_text.synthetic.translation_backends import TranslationBackend, register_backend


class Counting(TranslationBackend):
    """Capitals; it refuses what holds "bad" and is gone for what holds "end"."""

    def __init__(self, asked=None, max_concurrent_requests=1):
        super().__init__(max_concurrent_requests)
        self.asked = ASKED

    def setup(self):
        pass

    def check_server(self):
        return True

    async def translate_batch_async(self, texts, source_lang, target_lang):
        self.asked.append(list(texts))
        if "end" in texts:
            raise EndpointError("gone", final=True)
        if "bad" in texts:
            raise EndpointError("no such language", refused=True)
        return [f"{text.upper()} {target_lang}" for text in texts]


ASKED: list[list[str]] = []
register_backend("counting", Counting)
RECIPE = recipe_for_service(load_prompt_recipe("translate", ["source_lang=en", "target_lang=de"]))


def asked_for(folder, *texts, batch_size=2):
    ASKED.clear()
    asking = Asking(
        url="", model="counting", journal=str(folder), concurrency=1, batch_size=batch_size
    )
    asker = open_service(asking)
    try:
        return asker.ask_all([text_for(text, RECIPE) for text in texts])
    finally:
        asker.journal.close()


def test_texts_are_asked_about_once_and_what_is_refused_fails_alone(tmp_path):
    found = asked_for(tmp_path, "a", "bad", "a", "b")
    assert [each.text for each in found] == ["A de", "", "A de", "B de"]
    assert "no such language" in found[1].error
    assert found[0].usage.tokens == 1
    assert ASKED == [["a", "bad"], ["a"], ["bad"], ["b"]]
    assert [each.text for each in asked_for(tmp_path, "a", "b", "c")] == ["A de", "B de", "C de"]
    assert ASKED == [["c"]]


def test_a_service_that_is_gone_ends_the_run(tmp_path):
    with pytest.raises(StorageError, match="gone; mend that"):
        asked_for(tmp_path, "end", "a")


def test_languages_are_part_of_what_is_asked():
    texts = [ServiceText(text="a", source="en", target=each) for each in ("de", "fr")]
    assert texts[0].key("aws") != texts[1].key("aws")
    assert texts[0].key("aws") != texts[0].key("google")
    assert (batch_of("aws"), batch_of("nmt")) == (1, 32)


def test_a_recipe_keeps_what_a_service_can_do():
    assert (RECIPE.carry, RECIPE.score_prompt, RECIPE.asked("x")) == (True, "", "x")
    with pytest.raises(SettingsError, match="no source_lang"):
        recipe_for_service(load_prompt_recipe("distill"))


def test_amazon_needs_a_package_or_keys(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "boto3", None)
    with pytest.raises(ResourceError, match="extra 'translation'"):
        open_service(Asking(url="", model="aws", journal=str(tmp_path)))
