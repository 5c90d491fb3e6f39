"""Names among private data: masked like the rest, and as exact places in bytes."""

import json

import pyarrow as pa
import pytest
from name_models import write_name_model
from text_toys import command, rows_of, table, write_jsonl

from curator_engine.errors import SettingsError
from curator_text.pii.editor import PiiEditor
from curator_text.pii.find import KINDS, Finder
from curator_text.pii.names import NAME_KINDS, NameFinder

TEXT = "\u00e9\U0001f600 Zu\u0308rich: Ada Lovelace (ada@example.org) of Acme\u2026"
MASKED = "\u00e9\U0001f600 <LOCATION>: <PERSON> (<EMAIL>) of <ORGANISATION>\u2026"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(write_name_model(tmp_path_factory.mktemp("names")))


def finder(model, kinds=(*KINDS, *NAME_KINDS)):
    return Finder(kinds=kinds, names=NameFinder(model=model, device="cpu"))


def test_names_are_masked_beside_what_patterns_find(model):
    edits = PiiEditor(finder=finder(model)).edit(pa.array(["the", TEXT, "Paris"]))
    assert edits.texts.to_pylist() == [MASKED, "<LOCATION>"]
    assert edits.counts["location"].tolist() == [0, 1, 1]


def test_only_the_kinds_that_are_asked_for_are_masked(model):
    edits = PiiEditor(finder=finder(model, kinds=("person",))).edit(pa.array([TEXT]))
    assert edits.texts.to_pylist() == [
        TEXT.replace("Ada Lovelace", "<PERSON>").replace("ada@", "<PERSON>@")
    ]


def test_a_kind_of_name_needs_a_model():
    with pytest.raises(SettingsError, match="name one with --names"):
        Finder(kinds=("person",))


def test_the_command_masks_names_and_counts_them(model, tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": TEXT, "n": 1.50}, {"text": "was"}])
    code, said, err = command(
        "pii", source, "-o", tmp_path / "out", "--names", model, "--workers", "1"
    )
    assert code == 0, err
    assert rows_of(tmp_path / "out")[0]["text"] == MASKED
    [row] = table(tmp_path / "out", "changes")
    assert [row[kind] for kind in ("email", *NAME_KINDS)] == [1, 1, 1, 1]
    assert "Lovelace" not in json.dumps(row) + said


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--names", "no/such model"], "neither a folder nor a hub id; check --names"),
        (["--kinds", "person"], "name one with --names"),
        (["--names", "MODEL", "--kinds", "email"], "--names finds person, location, organisation"),
    ],
)
def test_what_cannot_work_is_one_line_before_any_work(model, tmp_path, options, message):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": TEXT}])
    given = [model if each == "MODEL" else each for each in options]
    code, _, err = command("pii", source, "-o", tmp_path / "out", *given)
    assert (code, message in err) == (2, True), err
    assert not (tmp_path / "out").exists()
