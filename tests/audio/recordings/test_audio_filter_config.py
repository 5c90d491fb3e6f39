import pytest

from curator_audio.recordings.audio_filter_config import (
    DEFAULTS,
    get_enabled_stages,
    load_config,
    merged,
)
from curator_engine.errors import InputError, SettingsError

OFF = {"enable": False}


def test_a_file_stands_over_the_defaults_key_by_key(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("utmos:\n  mos_threshold: 4.0\n", encoding="utf-8")
    config = load_config(str(path))
    assert (config["utmos"]["mos_threshold"], config["vad"]["threshold"]) == (4.0, 0.5)
    assert DEFAULTS["utmos"]["mos_threshold"] == 3.4
    path.write_text("", encoding="utf-8")
    assert load_config(path) == load_config() == DEFAULTS
    load_config()["vad"]["threshold"] = 1
    assert load_config() == DEFAULTS


@pytest.mark.parametrize("text", ["a: [", "- vad", "\0"])
def test_what_is_no_file_of_settings_is_said(tmp_path, text):
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"c\.yaml"):
        load_config(tmp_path / "c.yaml")
    with pytest.raises(InputError, match="none"):
        load_config(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"utmoss": {}}, "there is utmos"),
        ({"vad": 3}, "section vad"),
        ({"vad": {"min_duration_sec": 60.0, "max_duration_sec": 10.0}}, "min_duration_sec"),
        ({"vad": {"threshold": 1.5}}, r"vad\.threshold"),
        ({"utmos": {"mos_threshold": 6.0}}, r"utmos\.mos_threshold"),
        ({"sigmos": {"reverb_threshold": -1.0}}, r"sigmos\.reverb_threshold"),
        ({"speaker_separation": {"min_duration": 0}}, r"speaker_separation\.min_duration"),
        ({"mono_conversion": {"output_sample_rate": 0}}, "output_sample_rate"),
        ({"concatenation": {"silence_duration_sec": -1}}, "silence_duration_sec"),
    ],
)
def test_values_out_of_range_are_refused(wrong, words):
    with pytest.raises(SettingsError, match=words):
        merged(load_config(), wrong)


def test_the_sections_whose_stages_run():
    assert get_enabled_stages(load_config()) == [*DEFAULTS]
    without = merged(load_config(), {"speaker_separation": OFF})
    assert not {"concatenation", "speaker_separation"} & {*get_enabled_stages(without)}
    sections: list[str] = ["band_filter", "utmos", "sigmos"]
    only = get_enabled_stages(merged(without, dict.fromkeys(sections, OFF)))
    assert only == ["mono_conversion", "vad", "timestamp_mapper"]
