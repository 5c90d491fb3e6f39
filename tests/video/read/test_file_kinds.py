"""What files are that are no videos."""

import pytest
from video.media import cut_off, draw_video

from curator_video.read.file_kinds import kind_of


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "is a web page (HTML), not a video"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "is a pointer of Git LFS"),
        (bytes(100_000), "holds nothing but zeros"),
    ],
)
def test_what_is_no_video_is_said_to_be_what_it_is(tmp_path, data, reason):
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    assert kind_of(str(path)).startswith(reason)


def test_a_file_that_was_never_finished_has_no_index(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 24)])
    assert "has no index" in kind_of(str(cut_off(path, 0.7)))
    assert kind_of(str(path)) == ""
