"""Files of documents: what is written is what is read."""

import copy

import pytest
from interleaved_toys import frames, picture

from curator_text.interleaved.documents import Document, Part
from curator_text.interleaved.read_documents import documents_of
from curator_text.interleaved.write_documents import InterleavedFile


def document():
    tiff = frames()
    return Document(
        id="a.b/c",
        fields={"url": "http://a.example"},
        parts=[
            Part(kind="image", data=picture(), name="x/one.png", content_type="image/png"),
            Part(kind="text", text="Wörter", content_type="text/plain", about=[1]),
            *(
                Part(kind="image", data=tiff, name="two.tiff", content_type="image/tiff", frame=n)
                for n in (1, 0)
            ),
            Part(kind="image", name="http://a.example/3.jpg"),
        ],
    )


def no_pdf(data, id):
    raise ValueError(id)


def write(path, kind, *documents):
    with InterleavedFile(path=str(path), output_format=kind) as file:
        for each in documents:
            file.add(each)
    return file


@pytest.mark.parametrize(("kind", "ending"), [("parquet", "parquet"), ("webdataset", "tar")])
def test_order_and_bytes_are_kept(tmp_path, kind, ending):
    path = tmp_path / f"a.{ending}"
    given = [document(), Document(id="d", parts=[Part(kind="text", text="x")])]
    write(path, kind, *copy.deepcopy(given))
    first, second = [found.document for found in documents_of(str(path), path.name, no_pdf)]
    first.fields.pop("id", None)
    assert first == given[0]
    assert second.text == "x"


def test_a_file_of_several_pictures_is_written_once(tmp_path):
    write(tmp_path / "a.tar", "webdataset", document())
    assert (tmp_path / "a.tar").read_bytes().count(b"000000000.1.tiff") == 3


def test_lines_have_names_of_pictures(tmp_path):
    write(tmp_path / "a.jsonl", "jsonl", document())
    (found,) = documents_of(str(tmp_path / "a.jsonl"), "a.jsonl", no_pdf)
    assert [part.name for part in found.document.parts if part.kind == "image"] == [
        *("x/one.png", "two.tiff", "two.tiff", "http://a.example/3.jpg")
    ]


def test_no_documents_make_no_file(tmp_path):
    assert not write(tmp_path / "a.tar", "webdataset").is_written
    assert list(tmp_path.iterdir()) == []
