import pytest

from curator_audio.models.adapter_class import adapter_class
from curator_audio.models.asr_adapters import RecogniserAdapter
from curator_engine.errors import SettingsError


def test_a_path_names_a_class():
    assert adapter_class("curator_audio.models.asr_adapters.RecogniserAdapter") is RecogniserAdapter


@pytest.mark.parametrize("target", ["", "Adapter", "no.such.Adapter", "json.Nothing"])
def test_a_path_that_names_none_is_refused(target):
    with pytest.raises(SettingsError, match="names no class"):
        adapter_class(target)
