"""What the commands on finished runs say of clips."""

import pytest

from curator_engine.errors import InputError
from curator_video.commands.clip_app import CLIP_APP


@pytest.mark.parametrize(("keep", "end"), [(True, ""), (False, ", dropped")])
def test_a_clip_is_told_with_its_video_and_seconds(keep, end):
    row = {"path": "clips/u.mp4", "uuid": "u", "video": "a.mp4", "start": 1.0, "end": 2.5}
    line = CLIP_APP.found_line("out", {**row, "keep": keep, "similarity": 0.5})
    assert line == f"0.5000  out/clips/u.mp4  a.mp4 1.00 to 2.50 s{end}"


def test_a_run_without_embeddings_says_which_option_makes_them(tmp_path):
    with pytest.raises(InputError, match="split again with --embed fingerprint"):
        CLIP_APP.searched(str(tmp_path), {"settings": {"embed": "off"}})
