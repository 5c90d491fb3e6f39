"""What a file of pictures holds, and what is amiss with it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from curator_engine.errors import UnreadableFileError
from curator_engine.files.formats import PICTURE_EXTENSIONS
from curator_image.read.images import StoredImage, kind_of, read_images
from curator_image.read.picture import Picture, PictureError, open_picture

MAX_PROBLEMS = 20
"""Of a file of many pictures that are told one by one."""

_ENDINGS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "MPO": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "PNG": (".png", ".apng"),
    "WEBP": (".webp",),
    "AVIF": (".avif",),
    "GIF": (".gif",),
    "TIFF": (".tif", ".tiff"),
    "BMP": (".bmp", ".dib"),
    "DIB": (".bmp", ".dib"),
    "HEIF": (".heic", ".heif"),
    "JPEG2000": (".jp2",),
    "PPM": (".ppm", ".pgm", ".pnm"),
}


@dataclass(kw_only=True)
class ImageProbe:
    """What a file holds."""

    path: str
    kind: str = "picture"
    """picture, tar, table or list."""
    pictures: int = 0
    unusable: int = 0
    """Of them, those that cannot be decoded or read."""
    captions: int = 0
    num_bytes: int = 0
    """Of the pictures as they are stored."""
    formats: dict[str, int] = field(default_factory=dict[str, int])
    modes: dict[str, int] = field(default_factory=dict[str, int])
    smallest: str = ""
    """Width and height of the picture with the fewest pixels, as 640x480."""
    largest: str = ""
    fields: tuple[str, ...] = ()
    """Names of facts that are stored with pictures."""
    passed_over: dict[str, int] = field(default_factory=dict[str, int])
    problems: list[str] = field(default_factory=list[str])
    more_problems: int = 0
    """Behind the first twenty."""
    notes: dict[str, int] = field(default_factory=dict[str, int])
    """What is amiss with pictures that can be used."""
    picture: dict[str, Any] = field(default_factory=dict[str, Any])
    """Of a file that is one picture: orientation, frames, profile."""


def probe_images(path: str) -> ImageProbe:
    """Read and decode all pictures of a file.

    Raises:
        StorageError: The environment fails.
    """
    tally, found = Counter[str](), ImageProbe(path=path)
    formats, modes, notes = Counter[str](), Counter[str](), Counter[str]()
    names: dict[str, None] = {}
    sizes: list[tuple[int, str]] = []
    for stored in read_images(path, tally=tally):
        if stored.place == path and stored.problem:
            # Of the file, or of the only picture in it.
            _tell(found, stored.problem)
            continue
        found.pictures += 1
        found.captions += bool(stored.caption)
        found.num_bytes += len(stored.data)
        names.update(dict.fromkeys(stored.fields))
        picture = _decoded(stored, found)
        if picture is None:
            continue
        formats[picture.format] += 1
        modes[picture.mode] += 1
        notes.update(_notes(stored, picture))
        size = (picture.width * picture.height, f"{picture.width}x{picture.height}")
        sizes = sorted({*sizes, size})
        sizes = [sizes[0], sizes[-1]]
        if stored.place == path:
            found.picture = {
                "orientation": picture.orientation,
                "frames": picture.frames,
                "profile": picture.icc,
            }
    found.kind = "picture" if found.picture else _kind(path)
    found.formats, found.modes = dict(formats.most_common()), dict(modes.most_common())
    found.smallest, found.largest = (sizes[0][1], sizes[-1][1]) if sizes else ("", "")
    found.fields, found.passed_over, found.notes = tuple(names), dict(+tally), dict(notes)
    return found


def _decoded(stored: StoredImage, found: ImageProbe) -> Picture | None:
    problem = stored.problem
    if not problem:
        try:
            return open_picture(stored.data)
        except PictureError as error:
            problem = str(error)
    found.unusable += 1
    _tell(found, problem if stored.place == found.path else f"{stored.place}: {problem}")
    return None


def _tell(found: ImageProbe, problem: str) -> None:
    if len(found.problems) < MAX_PROBLEMS:
        found.problems.append(problem)
    else:
        found.more_problems += 1


def _kind(path: str) -> str:
    try:
        return kind_of(path)
    except UnreadableFileError:
        return "picture"


def _notes(stored: StoredImage, picture: Picture) -> list[str]:
    notes = list(picture.notes)
    name = (stored.member or stored.path).lower()
    wrong = name.endswith(PICTURE_EXTENSIONS) and not name.endswith(
        _ENDINGS.get(picture.format, ())
    )
    if wrong:
        notes.append(f"{picture.format} in a file called .{name.rpartition('.')[2]}")
    if behind := bytes_behind(stored.data, picture.format):
        notes.append("other contents behind the picture" if behind > 1024 else "")
    return [note for note in notes if note]


def bytes_behind(data: bytes, kind: str) -> int:
    """Bytes behind the end of a PNG, JPEG or GIF that are no zeros, as of another file; 0 if not known."""
    end = len(data)
    if kind == "PNG":
        end = _end_of_png(data)
    elif kind == "JPEG":
        # The last end mark: what stands behind it is of no JPEG.
        end = data.rfind(b"\xff\xd9") + 2 or len(data)
    elif kind == "GIF":
        end = data.rfind(b"\0;") + 2 or len(data)
    return len(data[end:].strip(b"\0"))


def _end_of_png(data: bytes) -> int:
    at = 8
    while at + 12 <= len(data):
        length, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        at += 12 + length
        if name == b"IEND":
            return at
    return len(data)
