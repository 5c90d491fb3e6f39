"""The step that tells languages: what it says of the texts of a block."""

import pyarrow as pa
from language_toys import TEXTS

from curator_text.language.detect_languages import DetectLanguages, field_names


def found(*texts, **settings):
    stage = DetectLanguages(path="", **settings)
    return stage.found(pa.array(texts, pa.large_string())).to_pylist()


def test_a_text_gets_language_script_score_and_others():
    first, second = found(TEXTS["rus_Cyrl"], "123")
    assert (first["language"], first["language_script"], first["other_languages"]) == (
        "rus",
        "Cyrl",
        None,
    )
    assert first["language_score"] > 0.9
    assert set(second.values()) == {"und", None}


def test_a_low_score_is_undetermined_and_the_guess_is_kept():
    [row] = found(TEXTS["eng_Latn"] * 3 + TEXTS["deu_Latn"] * 2, min_score=0.8)
    assert (row["language"], row["guess"], row["other_languages"]) == ("und", "eng", ["deu"])
    assert 0 < row["language_score"] < 0.8


def test_the_other_fields_follow_the_name_of_the_first():
    assert [*field_names("lang").values()] == ["lang", "lang_script", "lang_score", "other_langs"]
