import pytest
from image.drawn_pictures import saved
from PIL import GifImagePlugin, Image

from curator_image.read.picture import open_picture


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "PNG", "WEBP", "AVIF"])
def test_frames_are_counted(kind):
    frames = [Image.new("RGB", (8, 8), (40 * i, 90, 200)) for i in range(5)]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:])
    assert open_picture(data).frames == 5
    assert open_picture(saved(frames[0], kind)).frames == 1


def test_many_frames_are_counted_without_decoding_them(monkeypatch):
    sought = []
    seek = GifImagePlugin.GifImageFile._seek

    def noted(self, frame, *update):
        sought.append(frame)
        seek(self, frame, *update)

    monkeypatch.setattr(GifImagePlugin.GifImageFile, "_seek", noted)
    frames = [Image.new("L", (8, 8), i) for i in (1, 2)]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    start = data.rindex(b"!\xf9")
    bomb = data[:start] + data[start:-1] * 20_000 + b";"
    sought.clear()
    assert open_picture(bomb).frames == 20_001
    assert max(sought) <= 1


def test_a_tiff_that_goes_in_circles_ends():
    frames = [Image.new("L", (8, 8), i) for i in (1, 2)]
    data = bytearray(saved(frames[0], "TIFF", save_all=True, append_images=frames[1:]))
    first = int.from_bytes(data[4:8], "little")
    after = first + 2 + 12 * int.from_bytes(data[first : first + 2], "little")
    data[after : after + 4] = first.to_bytes(4, "little")
    assert open_picture(bytes(data)).frames == 1
