"""Files of web pages for tests: WARC records, a PDF, tars, a dump."""

import bz2
import gzip
import io
import tarfile
from pathlib import Path
from typing import Literal

LONG = "The harbour was quiet in the morning, and the boats that had come in during the night lay side by side. "


def html(text: str, *, title: str = "A page", extra: str = "", charset: str = "utf-8") -> str:
    """A page with an article, a menu and a footer."""
    paragraphs = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    return (
        f"<!DOCTYPE html><html lang='en'><head><meta charset='{charset}'><title>{title}</title>{extra}</head><body>"
        "<nav><ul><li><a href='/'>Home</a></li><li><a href='/about'>About us</a></li></ul></nav>"
        f"<main><article><h1>{title}</h1>{paragraphs}</article></main>"
        "<footer><p>Copyright. All rights reserved.</p></footer></body></html>"
    )


def record(body: bytes, *, url: str = "http://a.example/", number: int = 0, **about: str) -> bytes:
    """A record of a WARC file; `kind`, `status` and `type` change what it says."""
    kind, status = about.get("kind", "response"), about.get("status", "200 OK")
    said = about.get("type", "text/html")
    if kind == "response":
        body = f"HTTP/1.1 {status}\r\nContent-Type: {said}\r\n\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012d}>\r\n"
        f"WARC-Date: 2024-05-01T00:00:00Z\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def write_warc(path: Path, *records: bytes) -> Path:
    """A WARC file, packed record by record."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(gzip.compress(each) for each in records))
    return path


def pdf(text: str, *, title: str = "A paper") -> bytes:
    """A PDF of one page with a line of text."""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Title (%s) /CreationDate (D:20240328100000Z) >>" % title.encode("latin-1"),
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R /Info 6 0 R >>\n" % (len(objects) + 1)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def tar(files: dict[str, bytes], mode: Literal["w:gz", "w"] = "w:gz") -> bytes:
    """A tar of these files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as made:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            made.addfile(member, io.BytesIO(data))
    return out.getvalue()


def paper(words: str = "An old idea.") -> bytes:
    """LaTeX of a paper."""
    return (
        r"\documentclass{article}\title{On boats}\newcommand{\name}{Harbour}\begin{document}\maketitle"
        rf"\section{{Introduction}} {words} We call it \name{{}}, see \cite{{x}}.\end{{document}}"
    ).encode()


def dump(*articles: tuple[str, str, str]) -> bytes:
    """A packed dump of Wikipedia with these articles: title, name space, markup."""
    pages = "".join(
        f"<page><title>{title}</title><ns>{space}</ns><id>{number}</id><revision><id>9</id>"
        f"<timestamp>2024-03-0{number}T00:00:00Z</timestamp><text>{markup}</text></revision></page>"
        for number, (title, space, markup) in enumerate(articles, 1)
    )
    return bz2.compress(f"<mediawiki>{pages}</mediawiki>".encode())
