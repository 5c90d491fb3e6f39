"""Amazon Translate by boto3, against a server of our own."""

import pytest
from chat_server import Reply, chat_server

from curator_engine.errors import CuratorError, SettingsError
from curator_text.synthetic.aws_translation import AWSTranslationBackend

SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"


@pytest.fixture(autouse=True)
def _keys(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def amazon(body):
    if body["Text"] == "bad":
        error = {"__type": "UnsupportedLanguagePairException", "message": f"no pair {SECRET}"}
        return Reply(status=400, body=error)
    languages = f"{body['SourceLanguageCode']}-{body['TargetLanguageCode']}"
    return Reply(body={"TranslatedText": f"{body['Text'].upper()} {languages}"})


def test_texts_are_translated_and_errors_have_no_keys(monkeypatch):
    with chat_server(amazon) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_TRANSLATE", server.url)
        backend = AWSTranslationBackend(region="eu-central-1")
        backend.setup()
        assert backend.check_server()
        found = backend.translate_batch(["a", "b"], "en", "de")
        assert found == ["A en-de", "B en-de"]
        assert "eu-central-1/translate" in server.requests[0]["headers"]["Authorization"]
        with pytest.raises(CuratorError, match="UnsupportedLanguagePair") as no:
            backend.translate_batch(["bad"], "en", "xx")
        assert str(no.value).startswith("Amazon Translate: ")
        assert SECRET not in str(no.value)
        count = len(server.requests)
        with pytest.raises(CuratorError, match="longer than the 10000"):
            backend.translate_batch(["\u00e4" * 5001], "en", "de")
        assert len(server.requests) == count
        backend.close()


def test_without_keys_nothing_begins(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="no keys for Amazon"):
        AWSTranslationBackend().setup()
