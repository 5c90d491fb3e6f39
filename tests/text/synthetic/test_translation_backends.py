"""Services of one's own: attempts, limits, names."""

import asyncio
import threading

import pytest

from curator_engine.errors import SettingsError
from curator_engine.models.endpoint import EndpointError
from curator_text.synthetic.translation_backends import (
    ExecutorTranslationBackend,
    TranslationBackend,
    backend_class,
    check_codes,
    get_backend,
    register_backend,
    retry_with_backoff,
)


class Shouting(ExecutorTranslationBackend):
    """Capitals, at most `max_concurrent_requests` at a time."""

    def __init__(self, sign="!", max_concurrent_requests=2):
        super().__init__(max_concurrent_requests)
        self.sign, self.lock, self.now, self.most = sign, threading.Lock(), 0, 0

    def setup(self):
        pass

    def _translate_single_sync(self, text, source_lang, target_lang):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        with self.lock:
            self.now -= 1
        return f"{text.upper()}{self.sign}{target_lang}"


def test_texts_are_translated_in_order_and_empty_ones_are_not_asked():
    backend = Shouting()
    found = backend.translate_batch(["a", " ", "b"], "en", "de")
    assert found == ["A!de", "", "B!de"]
    assert backend.most <= 2
    # In another event loop as well.
    assert asyncio.run(backend.translate_batch_async(["c"], "en", "fr")) == ["C!fr"]
    assert backend.check_server()
    backend.close()


def test_a_service_is_registered_by_a_name_and_made_with_its_settings():
    register_backend("Shout", Shouting)
    made = get_backend("shout", {"sign": "?"})
    assert isinstance(made, Shouting)
    assert made.translate_batch(["a"], "en", "de") == ["A?de"]
    assert backend_class("aws").__name__ == "AWSTranslationBackend"
    with pytest.raises(SettingsError, match="does not take exactly key") as raised:
        get_backend("shout", {"key": "secret-of-mine"})
    assert "secret-of-mine" not in str(raised.value)
    with pytest.raises(SettingsError, match="is not llm or one of aws"):
        get_backend("deepl", {})
    wrong: type = dict
    with pytest.raises(TypeError, match="no subclass"):
        register_backend("x", wrong)


def test_languages_are_codes():
    check_codes("en", "zh-TW", "pt_br")
    with pytest.raises(SettingsError, match="'German' is no code"):
        check_codes("en", "German")


@pytest.mark.parametrize(
    ("errors", "attempts"),
    [([OSError()] * 2, 3), ([OSError()] * 9, 4), ([KeyError()], 1), ([EndpointError("no")], 1)],
    ids=["twice", "always", "final", "ours"],
)
def test_attempts_are_made_again_unless_that_is_in_vain(errors, attempts):
    left, made = list(errors), list[int]()

    async def attempt():
        made.append(1)
        if left:
            raise left.pop()
        return "done"

    work = retry_with_backoff(attempt, base_delay=0, non_retryable=(KeyError,))
    if attempts > len(errors):
        assert asyncio.run(work) == "done"
    else:
        with pytest.raises(type(errors[0])):
            asyncio.run(work)
    assert len(made) == attempts


def test_a_service_that_fails_does_not_answer():
    class Broken(Shouting):
        def _translate_single_sync(self, text, source_lang, target_lang):
            raise OSError

    assert not Broken().check_server()
    assert issubclass(Broken, TranslationBackend)
