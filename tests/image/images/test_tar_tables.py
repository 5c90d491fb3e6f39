import pyarrow as pa
import pyarrow.parquet as pq

from curator_image.images.tar_tables import write_tar_tables


def test_a_table_beside_each_tar_has_its_kept_pictures(tmp_path):
    rows = [
        ("a", True, "data/0-0.tar/a.jpg", "in/a.jpg", "a boat", '{"n": 1}', 4.5),
        ("b", True, "data/0-0.tar/x.tar/b.jpg", "in/b.jpg", None, None, None),
        ("c", False, None, "in/c.jpg", None, None, None),
        ("d", True, "data/0-1.tar/d.jpg", "in/d.jpg", None, "{}", 5.0),
    ]
    names = ["uuid", "keep", "path", "place", "caption", "fields", "aesthetic_score"]
    table = pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    write_tar_tables(str(tmp_path), table, below="data")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0-0.parquet", "0-1.parquet"]
    first, second = pq.read_table(tmp_path / "0-0.parquet").to_pylist()
    assert first == {
        "image_id": "a",
        "tar_file": "0-0.tar",
        "member_name": "a.jpg",
        "original_path": "in/a.jpg",
        "metadata": '{"caption": "a boat", "n": 1}',
        "aesthetic_score": 4.5,
        "nsfw_score": None,
    }
    assert (second["member_name"], second["metadata"]) == ("x.tar/b.jpg", '{"caption": ""}')
