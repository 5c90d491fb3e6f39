"""Tools that tell languages: what each says of texts as they come."""

import pytest
from language_toys import TEXTS, write_fasttext

from curator_engine.errors import InputError, SettingsError
from curator_text.language.codes import is_code
from curator_text.language.detectors import (
    NOTHING,
    FastText,
    Pycld2,
    make_detector,
    wanted_languages,
)

NAMES = ("pycld2", "py3langid", "eldc")


@pytest.fixture(scope="module", params=NAMES)
def detector(request):
    return make_detector(request.param, model=None, reliable=False)


def test_the_languages_of_plain_sentences_are_told(detector):
    told = {name: detector.detect(text).language for name, text in TEXTS.items()}
    assert told == {name: name[:3] for name in TEXTS}


def test_all_of_its_languages_are_codes(detector):
    assert len(detector.languages()) >= 50
    assert all(map(is_code, detector.languages()))


@pytest.mark.parametrize("text", ["", "   \n", "12345 ---"])
def test_a_text_without_letters_is_undetermined(detector, text):
    assert detector.detect(text) == NOTHING


@pytest.mark.parametrize(
    "bad",
    ["\x00", "\x85", "\x7f", "\ufffe", "\ufdd0", "\x1b", "\ud800", "\U0010ffff", "\U0001fffe"],
)
def test_characters_that_are_none_do_not_hide_the_language(detector, bad):
    assert detector.detect(f"{TEXTS['deu_Latn']} {bad} {TEXTS['deu_Latn']}").language == "deu"


def test_several_languages_are_told_by_pycld2():
    found = Pycld2().detect(TEXTS["eng_Latn"] * 3 + TEXTS["deu_Latn"] * 2)
    assert (found.language, found.others) == ("eng", ("deu",))
    assert 0.5 < (found.score or 0) < 0.7


def test_what_the_tool_is_not_sure_of_may_count_as_undetermined():
    assert Pycld2().detect("Ciao").language == "ita"
    assert Pycld2(reliable=True).detect("Ciao") == NOTHING


def test_chinese_has_the_script_that_the_tool_says():
    assert Pycld2().detect(TEXTS["zho_Hant"]).script == "Hant"
    assert Pycld2().detect("我们在图书馆开会\uff0c没有人想到会来这么多人。").script == "Hans"


def test_a_fasttext_model_is_read_from_a_file(tmp_path):
    path = write_fasttext(tmp_path / "x.bin", {"hello": "eng_Latn", "hallo": "deu_Latn"})
    detector = make_detector("pycld2", model=path, reliable=False)
    found = detector.detect("hallo\nhallo hello\r\nhallo")
    assert (found.language, found.script) == ("deu", "Latn")
    assert 0.9 < (found.score or 0) <= 1
    assert detector.detect(" \n ") == NOTHING


def test_labels_of_lid_176_are_those_of_wikipedias(tmp_path):
    path = write_fasttext(tmp_path / "lid.176.bin", {"hello": "en", "hoi": "als"})
    assert FastText(path=path).detect("hoi").language == "gsw"


def test_a_file_that_is_no_model_is_one_line(tmp_path):
    (tmp_path / "x.bin").write_bytes(b"no model")
    with pytest.raises(InputError, match="is no fastText model"):
        make_detector("pycld2", model=str(tmp_path / "x.bin"), reliable=False)
    with pytest.raises(InputError, match="no model at"):
        make_detector("pycld2", model=str(tmp_path / "y.bin"), reliable=False)


def test_languages_are_named_as_people_name_them():
    given = ["en, de", "zh-Hant", "ger", "und"]
    assert wanted_languages(given, Pycld2()) == ["eng", "deu", "zho_Hant", "und"]


@pytest.mark.parametrize(
    ("given", "message"),
    [("german", "no code of a language"), ("en,", "no code"), ("xyz", "has no language 'xyz'")],
)
def test_a_language_that_cannot_be_is_refused(given, message):
    with pytest.raises(SettingsError, match=message):
        wanted_languages([given], Pycld2())
