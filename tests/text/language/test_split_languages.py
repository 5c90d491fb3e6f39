"""`data/` by language."""

import gzip
import json

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from language_toys import ROWS, langid_into, language_of
from text_toys import write_jsonl


def test_each_language_has_its_files_and_every_row_is_in_one(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", [*ROWS[:10], {"id": "none", "text": None}])
    write_jsonl(tmp_path / "in/sub/b.jsonl", ROWS[10:20])
    packed = "".join(json.dumps(row) + "\n" for row in ROWS[20:]).removesuffix("\n")
    (tmp_path / "in/c.jsonl.gz").write_bytes(gzip.compress(packed.encode()))
    langid_into(tmp_path / "in", tmp_path / "out", split_by_language=True)
    found = {}
    for path in (tmp_path / "out/data").rglob("*.jsonl*"):
        raw = path.read_bytes()
        lines = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode().splitlines()
        language = path.relative_to(tmp_path / "out/data").parts[0].removeprefix("language=")
        found |= {json.loads(line)["id"]: language for line in lines}
    assert found == {row["id"]: language_of(row) for row in ROWS} | {"none": "und"}


def test_parquet_is_split_as_well_and_is_one_data_set(tmp_path):
    rows = [*ROWS, {"id": "none", "site": "a", "text": None}]
    (tmp_path / "in").mkdir()
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in/x.parquet", row_group_size=5)
    langid_into(tmp_path / "in", tmp_path / "out", split_by_language=True, language_field="lang")
    table = ds.dataset(tmp_path / "out/data", partitioning=None).to_table()
    assert {row["id"]: row["lang"] for row in table.to_pylist()} == {
        row["id"]: language_of(row) for row in ROWS
    } | {"none": None}
    assert (tmp_path / "out/data/lang=deu/x.parquet").exists()
