import pytest

from curator_audio.models.whisperx_vad import WhisperXVADModel
from curator_engine.errors import ResourceError


def test_whisperx_is_said_to_be_missing():
    with pytest.raises(ResourceError, match="needs whisperx"):
        WhisperXVADModel("cpu")
