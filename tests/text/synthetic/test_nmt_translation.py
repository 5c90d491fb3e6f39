"""A server of a translation model, as NeMo Curator asks it."""

import pytest
from chat_server import Reply, chat_server

from curator_engine.errors import CuratorError, SettingsError
from curator_text.synthetic.nmt_translation import NMTTranslationBackend


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def model(body):
    texts = [f"{text.upper()} {body['src_lang']}-{body['tgt_lang']}" for text in body["texts"]]
    return Reply(body={"translations": texts[: 1 if "short" in body["texts"] else None]})


def test_texts_go_in_batches():
    with chat_server(model) as server:
        backend = NMTTranslationBackend(server.url.removesuffix("/v1") + "/", batch_size=2)
        backend.setup()
        found = backend.translate_batch(["a", "b", "c"], "en", "hi")
        assert found == ["A en-hi", "B en-hi", "C en-hi"]
        assert sorted(len(each["body"]["texts"]) for each in server.requests) == [1, 2]
        assert {each["path"] for each in server.requests} == {"/translate"}
        assert backend.check_server()
        with pytest.raises(CuratorError, match="asked for 2 translations"):
            backend.translate_batch(["short", "b"], "en", "hi")
        backend.close()


def test_a_server_that_is_not_there_does_not_answer():
    assert not NMTTranslationBackend("http://127.0.0.1:9", timeout=1).check_server()
    with pytest.raises(SettingsError, match="must be http"):
        NMTTranslationBackend(" ")
    with pytest.raises(SettingsError, match="below 1"):
        NMTTranslationBackend("http://127.0.0.1:9", batch_size=0)
