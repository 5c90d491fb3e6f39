"""What a player is shown of a file that holds more."""

import pytest
from video import remux
from video.drawn_clips import cut, numbered_task, numbers

from curator_video.read.edit_list import show_until


@pytest.mark.parametrize("end", [25, 46, 47, 48])
def test_a_copy_with_b_frames_ends_where_its_clip_does(tmp_path, end):
    options = {**remux.B_FRAMES, "sc_threshold": "0"}
    task = numbered_task(tmp_path, (24, end), options=options)
    (file,) = cut(task, tmp_path, encoder="copy")
    assert numbers(file.path) == list(range(24, end))
    assert file.num_frames == end - 24


def test_a_file_without_an_edit_list_cannot_hide_anything(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"no index")
    with pytest.raises(ValueError, match="cannot be hidden"):
        show_until(str(path), 1.0)
