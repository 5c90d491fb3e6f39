import pytest
from video.media import draw_video

from curator_engine.errors import InputError
from curator_video.read.container import NotVideoError
from curator_video.stages.file_facts import SoftwareCodecMissingError, extract_video_metadata


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    return draw_video(tmp_path_factory.mktemp("facts") / "a.mp4", [(1, 10)])


def test_the_facts_of_a_file_and_of_its_bytes(video):
    about = extract_video_metadata(video)
    assert about == extract_video_metadata(video.read_bytes()) == extract_video_metadata(str(video))
    assert (about.num_frames, about.audio_codec) == (10, None)
    assert about.video_duration == pytest.approx(10 / (about.fps or 1))
    assert about.video_codec
    assert about.height


def test_a_codec_that_no_decoder_knows_is_said(video, tmp_path):
    data = video.read_bytes()
    kind = next(each for each in (b"avc1", b"mp4v", b"hev1", b"av01") if each in data)
    path = tmp_path / "odd.mp4"
    path.write_bytes(data.replace(kind, b"zq9x"))
    with pytest.raises(SoftwareCodecMissingError, match=r"odd\.mp4 .* unknown codec") as caught:
        extract_video_metadata(path)
    assert caught.value.codec is None


def test_what_is_no_video_is_said(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        extract_video_metadata(tmp_path / "gone.mp4")
    with pytest.raises(NotVideoError):
        extract_video_metadata(b"no video")
