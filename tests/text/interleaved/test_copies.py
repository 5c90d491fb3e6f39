"""Pictures of many documents, and documents of the same texts."""

import json

from interleaved_toys import frames, mint, picture

from curator_engine.task import FileGroupTask
from curator_text.interleaved.copies import (
    Copies,
    CountCopies,
    hash_of_picture,
    hash_of_texts,
    save_copies,
)
from curator_text.interleaved.documents import Document, Part


def count(ours, *paths):
    stage = CountCopies(path=f"{ours}/copies")
    stage.setup()
    made = [
        stage.process(
            FileGroupTask(data=[str(path)], _metadata={"file_index": at, "name": path.name})
        ).data[0]
        for at, path in enumerate(paths)
    ]
    stage.teardown()
    return made


def test_copies_are_found_over_all_files(ours, tmp_path):
    logo, other = picture(), picture(seed=1)
    (tmp_path / "in").mkdir()
    first = mint(
        tmp_path / "in/a.tar",
        ("a", {"texts": [None, "Same  text."], "images": ["x", None]}, {"x.png": logo}),
        ("b", {"texts": [1], "images": []}, {}),
        ("c", {"texts": [None, None], "images": ["x", "x"]}, {"x.png": logo}),
    )
    second = tmp_path / "in/b.jsonl"
    rows = [
        {"texts": ["Same text."], "images": ["http://a.example/1.png"]},
        {"texts": ["Another."], "images": ["http://a.example/1.png"]},
    ]
    second.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    third = mint(
        tmp_path / "in/c.tar",
        ("d", {"texts": ["Same text.", None], "images": [None, "y"]}, {"y.png": logo}),
        ("e", {"texts": [None], "images": ["z"]}, {"z.png": other}),
    )
    cut = tmp_path / "in/d.tar"
    cut.write_bytes(b"no tar")
    tables = count(ours, first, second, third, cut)
    found = f"{ours}/copies.parquet"
    save_copies(tables, found, most_documents=2, by_texts=True)
    copies = Copies.load(found)
    assert copies.pictures == {hash_of_picture(Part(kind="image", data=logo))}
    assert copies.documents == {(1, 0), (2, 0)}
    save_copies(tables, found, most_documents=1, by_texts=False)
    assert len(Copies.load(found).pictures) == 2
    save_copies(tables, found, most_documents=None, by_texts=False)
    assert Copies.load(found) == Copies()


def test_pictures_of_one_file_are_different_pictures():
    tiff = frames()
    found = {hash_of_picture(Part(kind="image", data=tiff, frame=n)) for n in (0, 1, None)}
    assert len(found) == 2


def test_a_document_without_words_is_no_copy():
    assert hash_of_texts(Document(id="a", parts=[Part(kind="text", text=" \n")])) is None
