"""The step that decides: which languages stay, what is counted."""

import pytest
from language_toys import ROWS, TEXTS, langid_into, language_of
from text_toys import table, write_jsonl


@pytest.mark.parametrize("keep", [["zh-Hant"], ["zho"], ["en,de"], ["und"], ["rus_Cyrl", "el"]])
def test_languages_are_kept_by_code_or_by_code_and_script(tmp_path, keep):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    langid_into(source, tmp_path / "out", keep=keep, id_field="id")
    names = {"zh-Hant": "zho", "en,de": "eng deu", "rus_Cyrl": "rus ell"}
    wanted = names.get(keep[0], keep[0]).split()
    gone = {row["id"] for row in table(tmp_path / "out", "removed")}
    assert gone == {row["id"] for row in ROWS if language_of(row) not in wanted}


def test_another_script_of_a_language_goes(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": TEXTS["zho_Hant"]}])
    facts = langid_into(source, tmp_path / "out", keep=["zho_Hans"])
    assert facts["num_removed"] == 1
    [row] = table(tmp_path / "out", "removed")
    assert row["reason"] == "language zho_Hant is not kept"


def test_languages_are_counted(tmp_path):
    rows = [*ROWS, {"id": "both", "text": TEXTS["eng_Latn"] * 3 + TEXTS["deu_Latn"] * 2}]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    facts = langid_into(source, tmp_path / "out", keep=["en"])
    english = [row["text"] for row in rows if language_of(row) in ("eng", "bot")]
    assert facts["languages"]["eng_Latn"] == {
        "documents": 5,
        "removed": 0,
        "text_bytes": sum(len(text.encode()) for text in english),
        "several": 1,
    }
    assert facts["languages"]["und"]["removed"] == 1
    assert next(iter(facts["languages"])) == "eng_Latn"


def test_a_low_score_is_the_reason_of_what_goes_for_it(tmp_path):
    source = write_jsonl(
        tmp_path / "x.jsonl", [{"text": TEXTS["eng_Latn"] * 3 + TEXTS["deu_Latn"] * 2}]
    )
    langid_into(source, tmp_path / "out", keep=["en"], min_score=0.9)
    [row] = table(tmp_path / "out", "removed")
    assert row["reason"].startswith("language und: score 0.")
    assert row["reason"].endswith(" of eng is too low")
