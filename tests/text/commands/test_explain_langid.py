"""`curator-text explain` for a run that tells languages."""

import json

import pytest
from language_toys import ROWS, langid_into
from text_toys import command, write_jsonl


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explain")
    source = write_jsonl(folder / "x.jsonl", ROWS)
    langid_into(source, folder / "out", id_field="id", keep=["en"])
    return folder / "out"


@pytest.mark.parametrize("name", ["fra_Latn0", "x.jsonl:2"])
def test_a_removed_document_says_its_language_and_score(out, name):
    code, said, _ = command("explain", out, "--id", name)
    first, place, language, score, also, told = said.splitlines()
    assert code == 0
    assert first == "fra_Latn0: removed; language fra_Latn is not kept"
    assert place == "  lies in      x.jsonl, row 2"
    assert language == "  language     fra_Latn"
    assert score.startswith("  score        0.9")
    assert also == "  also         no other language"
    assert told == "  told by      pycld2; kept: en"


def test_a_kept_document_is_told_too(out):
    answer = json.loads(command("explain", out, "--id", "eng_Latn1", "--json")[1])
    assert (answer["status"], answer["language"]) == ("kept", "eng")


def test_a_document_that_is_not_there_is_told(out):
    code, _, err = command("explain", out, "--id", "nobody")
    assert code == 2
    assert "no document 'nobody'" in err
