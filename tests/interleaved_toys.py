"""Documents of texts and pictures for tests: pictures, a tar in the form of MINT-1T, a PDF with a picture."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from web_pages import tar


def picture(width: int = 200, height: int = 160, *, kind: str = "PNG", seed: int = 0) -> bytes:
    """A picture of noise."""
    levels = np.random.default_rng(seed).integers(0, 255, (height, width), np.uint8)
    file = io.BytesIO()
    Image.fromarray(levels).save(file, kind)
    return file.getvalue()


def flat(width: int = 200, height: int = 160) -> bytes:
    """A picture of one colour."""
    file = io.BytesIO()
    Image.new("L", (width, height), 90).save(file, "PNG")
    return file.getvalue()


def frames(count: int = 2) -> bytes:
    """A TIFF file of several pictures."""
    file = io.BytesIO()
    first, *others = [Image.new("L", (200, 160), 40 * n) for n in range(count)]
    first.save(file, "TIFF", save_all=True, append_images=others)
    return file.getvalue()


def mint(path: Path, *samples: tuple[str, dict[str, Any], dict[str, bytes]]) -> Path:
    """A tar of samples: key, facts, and files by their endings."""
    members = dict[str, bytes]()
    for key, facts, files in samples:
        members[f"{key}.json"] = json.dumps(facts).encode()
        members |= {f"{key}.{ending}": data for ending, data in files.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(tar(members, "w"))
    return path


def pdf_with_picture(jpeg: bytes, width: int, height: int) -> bytes:
    """A PDF of a page: a line, a picture below it, a line below that."""
    stream = (
        b"BT /F1 12 Tf 72 720 Td (Above the picture.) Tj ET "
        b"q 200 0 0 160 72 500 cm /I Do Q BT /F1 12 Tf 72 400 Td (Below the picture.) Tj ET"
    )
    image = (
        b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray "
        b"/BitsPerComponent 8 /Filter /DCTDecode /Length %d >>\nstream\n%s\nendstream"
    ) % (width, height, len(jpeg), jpeg)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> /XObject << /I 6 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        image,
    ]
    out, places = bytearray(b"%PDF-1.4\n"), list[int]()
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(out)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, rows)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(out)
