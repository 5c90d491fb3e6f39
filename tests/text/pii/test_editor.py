"""What takes the place of private data."""

import re

import pyarrow as pa
import pytest

from curator_engine.errors import SettingsError
from curator_text.pii.editor import KEY_VARIABLE, PiiEditor, SecretKey, read_key

TEXTS = pa.array(["Jo@Example.org, jo@example.org é 8.8.8.8", "nothing", "Call (212) 736-5000."])


def test_a_mask_names_the_kind():
    edits = PiiEditor().edit(TEXTS)
    assert edits.changed.tolist() == [0, 2]
    assert edits.texts.to_pylist() == ["<EMAIL>, <EMAIL> é <IP_ADDRESS>", "Call <PHONE>."]
    assert {kind: count.tolist() for kind, count in edits.counts.items()} == {
        "email": [2, 0, 0],
        "ip": [1, 0, 0],
        "phone": [0, 0, 1],
    }


def hashed(key):
    return PiiEditor(action="hash", key=SecretKey(key)).edit(TEXTS).texts.to_pylist()


def test_a_hash_is_the_same_for_the_same_value_and_key_only():
    first, _ = hashed(b"a")
    one, two = re.findall(r"<EMAIL:([0-9a-f]{16})>", str(first))
    assert one == two
    assert hashed(b"a")[0] == first
    assert one not in str(hashed(b"b")[0])


def test_dropped_documents_say_how_many_of_what_and_no_text_changes():
    edits = PiiEditor(action="drop").edit(TEXTS)
    assert edits.goes == {0: ("email", "2 email, 1 ip"), 2: ("phone", "1 phone")}
    assert len(edits.changed) == 0


def test_ids_are_masked_too():
    ids = pa.array(["jo@example.org", None, "d7"])
    assert PiiEditor().shown_ids(ids).to_pylist() == ["<EMAIL>", None, "d7"]


def test_a_key_is_read_from_a_file_or_the_environment_and_never_shown(tmp_path, monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with pytest.raises(SettingsError, match="there is no key; name a file with --key-file"):
        read_key(None)
    (tmp_path / "key").write_text("s3cret\n")
    monkeypatch.setenv(KEY_VARIABLE, "s3cret")
    assert read_key(None) == read_key(str(tmp_path / "key")) == SecretKey(b"s3cret")
    assert "s3cret" not in repr(PiiEditor(key=read_key(None)))
    (tmp_path / "key").write_text("")
    with pytest.raises(SettingsError, match="is empty"):
        read_key(str(tmp_path / "key"))
