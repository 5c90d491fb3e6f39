import pytest

from curator_audio.settings import (
    CurateSettings,
    DiarizeSettings,
    ProbeSettings,
    TranscribeSettings,
    VadSettings,
)
from curator_engine.errors import SettingsError


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vad_threshold": 1.0}, "--vad-threshold 1 is not between 0 and 1"),
        ({"max_segment": 1.0}, "--max-segment 1 is below 4"),
        ({"max_pause": -1.0}, "--max-pause -1 is below 0"),
        ({"min_dnsmos_ovrl": 3.0}, "no effect without --dnsmos"),
        ({"align": True}, "--align has no effect without --transcribe"),
        ({"max_speakers": 2}, "no effect without --speakers"),
        ({"speakers": True, "max_speakers": 0}, "--max-speakers 0 is below 1"),
        ({"min_speaker_share": 0.9}, "no effect without --speakers"),
        ({"rate": 10}, "--rate 10 is not between 1000 and 768000"),
        ({"output_format": "none", "mono": True}, "no effect with --output-format none"),
        ({"min_snr": 9.0, "max_hum": -900.0}, "--max-hum -900 must be at least -200"),
    ],
)
def test_settings_that_do_not_fit_are_refused(options, message):
    with pytest.raises(SettingsError, match=message):
        CurateSettings(inputs=["in"], output="out", **options).check()


def test_the_defaults_fit_together():
    ProbeSettings(inputs=["in"]).check()
    for kind in (DiarizeSettings, TranscribeSettings, VadSettings):
        kind(inputs=["in"], output="out").check()
    CurateSettings(inputs=["in"], output="out").check()
