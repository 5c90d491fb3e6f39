"""Pictures that tests draw, and tars, tables and lists of them."""

import io
import json
import tarfile
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image


def picture(colour=0, kind="JPEG", size=(32, 24), **options):
    """The bytes of a small picture, another for each number."""
    image = Image.new("RGB", size, (colour * 40 % 256, colour * 90 % 256, 200))
    image.putpixel((0, 0), (colour, 255 - colour, 9))
    return saved(image, kind, **options)


def saved(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def write_tar(path, members, mode: Literal["w", "w:gz", "w:xz"] = "w"):
    """A tar of names and bytes; a TarInfo in place of a name is taken as it is."""
    with tarfile.open(path, mode) as tar:
        for name, data in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def samples(count=3):
    """Members of a webdataset tar: a picture, a caption and facts for each key."""
    for i in range(count):
        yield f"{i:04d}.jpg", picture(i)
        yield f"{i:04d}.txt", f"caption {i}".encode()
        yield f"{i:04d}.json", json.dumps({"number": i}).encode()


def write_table(path, count=3, *, kind="struct"):
    """A Parquet file of pictures, captions and numbers."""
    data = [picture(i) for i in range(count)]
    column = [{"bytes": each, "path": f"{i}.jpg"} for i, each in enumerate(data)]
    columns = {
        "image" if kind == "struct" else kind: column if kind == "struct" else data,
        "caption": [f"caption {i}" for i in range(count)],
        "number": list(range(count)),
    }
    pq.write_table(pa.table(columns), path, row_group_size=2)
    return path
