"""Google's Cloud Translation by plain HTTP, against a server of our own."""

import pytest
from chat_server import Reply, chat_server, complaint

from curator_engine.errors import CuratorError, SettingsError
from curator_text.synthetic.google_translation import GoogleTranslationBackend

KEY = "AIzaSyEXAMPLE-EXAMPLE-EXAMPLE-EXAMPLE"


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    for name in ("GOOGLE_API_KEY", "GOOGLE_ACCESS_TOKEN", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)


def google(body):
    if "q" in body:
        text, target = body["q"][0], body["target"]
        made = [{"translatedText": f"{text.upper()} {body['source']}-{target}"}]
        return (
            complaint(403, f"key {KEY} is bad")
            if text == "bad"
            else Reply(body={"data": {"translations": made}})
        )
    languages = f"{body['sourceLanguageCode']}-{body['targetLanguageCode']}"
    return Reply(body={"translations": [{"translatedText": f"{body['contents'][0]} {languages}"}]})


def test_the_basic_service_takes_a_key_which_no_message_has(monkeypatch):
    monkeypatch.setenv("GOOGLE_API_KEY", KEY)
    with chat_server(google) as server:
        backend = GoogleTranslationBackend(base_url=server.url.removesuffix("/v1"))
        backend.setup()
        assert backend.translate_batch(["a", "", "b"], "en", "de") == ["A en-de", "", "B en-de"]
        [first, *_] = server.requests
        assert first["path"] == "/language/translate/v2"
        assert {name.lower(): value for name, value in first["headers"].items()}[
            "x-goog-api-key"
        ] == KEY
        with pytest.raises(CuratorError, match="answered 403") as raised:
            backend.translate_batch(["bad"], "en", "de")
        assert KEY not in str(raised.value)
        backend.close()


def test_the_advanced_service_takes_a_token_and_a_project(monkeypatch):
    monkeypatch.setenv("GOOGLE_ACCESS_TOKEN", "ya29.token-of-a-test")
    with pytest.raises(SettingsError, match="v3 needs project_id"):
        GoogleTranslationBackend(api_version="v3").setup()
    with chat_server(google) as server:
        url = server.url.removesuffix("/v1")
        backend = GoogleTranslationBackend("mine", "eu", "V3", base_url=url)
        assert backend.translate_batch(["a"], "en", "de") == ["a en-de"]
        [asked] = server.requests
        assert asked["path"] == "/v3/projects/mine/locations/eu:translateText"
        assert asked["headers"]["Authorization"] == "Bearer ya29.token-of-a-test"


def test_a_token_that_has_run_out_is_fetched_again(monkeypatch):
    monkeypatch.setenv("GOOGLE_ACCESS_TOKEN", "old")
    asked = list[str]()

    def expired(body):
        asked.append(body["q"][0])
        if len(asked) > 1:
            return google(body)
        monkeypatch.setenv("GOOGLE_ACCESS_TOKEN", "new")
        return complaint(401, "expired")

    with chat_server(expired) as server:
        backend = GoogleTranslationBackend(base_url=server.url.removesuffix("/v1"))
        backend.setup()
        assert backend.translate_batch(["a"], "en", "de") == ["A en-de"]
        assert server.requests[1]["headers"]["Authorization"] == "Bearer new"


def test_another_version_is_refused():
    with pytest.raises(SettingsError, match="is not v2 or v3"):
        GoogleTranslationBackend(api_version="v4")
