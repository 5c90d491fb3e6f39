from itertools import chain

import numpy as np
import pytest
from audio.sounds import wav_archive
from web_server import serving

from curator_audio.recordings.fetch_recordings import Unpacked, fetch_list, fetch_recordings, is_wav
from curator_engine.errors import InputError
from curator_engine.files.fetch import FetchRules

RULES = FetchRules(allow_private=True, retries=0)


def test_an_archive_that_was_fetched_in_part_is_gone_on_with(tmp_path):
    data = wav_archive(**{"a.wav": np.random.default_rng(0).bytes(5000), "b/a.wav": b"another"})
    tag = {"ETag": '"one"'}
    cut = (200, {**tag, "Content-Length": str(len(data))}, data[:1000])
    rest = (206, {**tag, "Content-Range": f"bytes 1000-{len(data) - 1}/{len(data)}"}, data[1000:])
    with serving({"/a": [cut, rest]}) as site:
        with pytest.raises(InputError, match=f"Run again, .* unpack it into {tmp_path}"):
            fetch_recordings(f"{site.url}/a", tmp_path / "wavs", rules=RULES, job="test")
        assert [path.name for path in tmp_path.iterdir()] == ["wavs.unfinished"]
        found = fetch_recordings(f"{site.url}/a", tmp_path / "wavs", rules=RULES, job="test")
    assert found == Unpacked(1, 1)
    assert [path.name for path in chain(tmp_path.iterdir(), (tmp_path / "wavs").iterdir())] == [
        "wavs",
        "a.wav",
    ]


def test_a_list_is_there_whole_or_not_at_all(tmp_path):
    path = tmp_path / "new" / "dev.tsv"
    with serving({"/list": (200, {}, b"a")}) as site:
        with pytest.raises(InputError, match="cannot be fetched: status 404"):
            fetch_list(f"{site.url}/none", path, rules=RULES)
        fetch_list(f"{site.url}/list", path, rules=RULES)
    assert path.read_bytes() == b"a"


@pytest.mark.parametrize(
    ("name", "is_one"), [("a.WAV", True), ("._a.wav", False), ("a.mp3", False)]
)
def test_what_is_a_recording(name, is_one):
    assert is_wav(name) is is_one
