"""Keys, signatures and passwords are in no record of a run; all else is as it was."""

import json

import pytest
from toys import Add, Numbers

from curator_engine.commands.cli import Console
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.redaction import redacted
from curator_engine.running.run_record import write_record

SECRETS = [
    "https://b.s3.amazonaws.com/a.jsonl?X-Amz-Credential=SECRET%2F2026&X-Amz-Signature=SECRET",
    "https://a.blob.core.windows.net/c/a.jsonl?sv=2024&sig=SECRET&se=2026",
    "https://host/a.jsonl?token=SECRET#top",
    "https://storage.googleapis.com/b/a?X-Goog-Signature=SECRET",
    "https://host/a.jsonl?api_key=SECRET",
    "s3://SECRET:SECRET@bucket/a.jsonl",
    "http://SECRET@host:8000/v1",
    "Authorization: Bearer SECRET",
    "{'Authorization': 'Basic SECRET'}",
    "aws_secret_access_key=SECRET",
    '{"api_key": "SECRET"}',
    "password: SECRET",
]


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_in_a_text_is_masked(text):
    secret = "wJalrXUtnFEMIK7MDENGbPxRfiCY"
    found = redacted(text.replace("SECRET", secret))
    assert secret not in found
    assert "***" in found


@pytest.mark.parametrize(
    "secret",
    ["AKIAIOSFODNN7EXAMPLE", "hf_" + "a1" * 17, "sk-" + "b2" * 20, "ghp_" + "c3" * 18],
)
def test_a_key_is_known_by_its_form(secret):
    assert redacted(f"the key {secret} is refused") == "the key *** is refused"


def test_a_secret_of_the_environment_is_masked_wherever_it_stands(monkeypatch):
    monkeypatch.setenv("MY_SERVICE_TOKEN", "correct horse")
    assert redacted("answered 401 to 'correct horse'") == "answered 401 to '***'"


def test_options_of_a_file_system_and_of_a_command_line_are_masked():
    value = {
        "key": "0123abc",
        "storage_options": {"key": "K", "secret": "S", "client_kwargs": {"region": "eu"}},
        "argv": ["split", "--api-key", "S", "--api-key-env", "NAME"],
    }
    assert redacted(value) == {
        "key": "0123abc",
        "storage_options": {"key": "***", "secret": "***", "client_kwargs": {"region": "eu"}},
        "argv": ["split", "--api-key", "***", "--api-key-env", "NAME"],
    }


@pytest.mark.parametrize(
    "value",
    [
        *(
            "s3://bucket/a@2x.png",
            "in/keys/token=5/a.jsonl",
            "https://host/a?page=2",
            "mail@host.org",
        ),
        *(["--text-field", "token"], {"token_count": "5", "seed": 42, "limit": None}, (1, 2.5)),
        "the field 'password' is in none of the 3 files",
    ],
)
def test_what_is_no_secret_stays(value):
    assert redacted(value) == value


URL = "https://user:wJalrXUtnFEMI@host/a.jsonl?sig=K7MDENGbPx"


class Refuse(Add):
    """Fails, and rejects a row, with an address in its words."""

    def process(self, task):
        raise ValueError(f"cannot read {URL}")


def test_quarantine_events_and_record_hold_no_secret(tmp_path):
    pipeline = Pipeline("p", stages=[Numbers(count=1), Refuse()], config={"from": URL})
    pipeline.run(LocalExecutor({"on_error": "quarantine"}), run_dir=tmp_path)
    write_record(str(tmp_path), {"argv": ["x", URL], "steps": pipeline.last_run.to_dict()})
    texts = [
        path.read_text(encoding="utf-8")
        for path in tmp_path.rglob("*")
        if path.is_file() and ".curator" not in path.parts
    ]
    assert len(texts) == 3
    assert "host/a.jsonl" in "".join(texts)
    assert not [text for text in texts if "wJalrXUtnFEMI" in text or "K7MDENGbPx" in text]


def test_data_in_a_page_are_still_json():
    value = {"text": 'say "password="abcdef" or password: \\"x\\" and http://a:b"c@d'}
    assert json.loads(redacted(json.dumps(value)))


def test_the_bytes_of_a_rejected_row_stay_as_they_are(tmp_path):
    from curator_engine.failures import Quarantine

    Quarantine(str(tmp_path)).add_rows("0", [{"file": URL, "raw": f'{{"url": "{URL}"'}])
    row = json.loads(next(tmp_path.rglob("*.jsonl")).read_text(encoding="utf-8"))
    assert row == {"file": "https://***@host/a.jsonl?sig=***", "raw": f'{{"url": "{URL}"'}


def test_what_is_said_to_the_person_holds_no_secret(capsys):
    Console().say(f"reads {URL}")
    Console().warn(f"cannot read {URL}")
    said = capsys.readouterr().err
    assert said.count("https://***@host/a.jsonl?sig=***") == 2
    assert "wJalrXUtnFEMI" not in said
