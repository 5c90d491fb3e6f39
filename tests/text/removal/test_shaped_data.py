"""`data/` in other formats, sizes and folders: the rows are those that stay, once each."""

import gzip
import json

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from text_toys import write_jsonl

from curator_engine.commands.cli import run_app
from curator_engine.errors import InputError, StageError
from curator_text.cli import JOBS
from curator_text.pipelines.exact import ExactWorkflow
from curator_text.removal import shape_files, shaped_data
from curator_text.removal.shape_files import ShapeFiles
from curator_text.settings import ExactSettings

LANGS = ["de", "DE", "a/b", "..", "", None, "n\0l"]


def row(i):
    return {
        "id": f"d{i}",
        "text": f"text of {i} " * (9 + i % 3),
        "lang": LANGS[i % len(LANGS)],
        "n": i,
    }


ROWS = [row(i) for i in range(40)]
"""What stays: each of the input has one copy more."""


@pytest.fixture
def source(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", [*ROWS[:20], {**ROWS[0], "id": "copy"}])
    (tmp_path / "in/b").mkdir()
    lines = "".join(json.dumps(each) + "\n" for each in ROWS[20:30])
    (tmp_path / "in/b/c.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    pq.write_table(pa.Table.from_pylist(ROWS[30:]), tmp_path / "in/d.parquet")
    return str(tmp_path / "in")


def run(source, out, **settings):
    given = ExactSettings(inputs=[source], output=str(out), id_field="id", **settings)
    return ExactWorkflow(settings=given).run().metadata


def parquet_rows(out):
    found = ds.dataset(str(out / "data"), format="parquet", partitioning="hive").to_table()
    return sorted(found.select(list(ROWS[0])).to_pylist(), key=lambda each: each["n"])


def line_rows(out):
    texts = (each.read_text() for each in sorted((out / "data").rglob("*.jsonl")))
    return [json.loads(line) for text in texts for line in text.splitlines()]


def tree(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_all_becomes_parquet_of_one_schema(source, tmp_path):
    run(source, tmp_path / "out", output_format="parquet", row_group_size=7)
    assert sorted(map(str, tree(tmp_path / "out/data"))) == [
        "a.parquet",
        "b/c.parquet",
        "d.parquet",
    ]
    assert parquet_rows(tmp_path / "out") == ROWS
    found = pq.ParquetFile(tmp_path / "out/data/a.parquet").metadata
    assert [found.row_group(i).num_rows for i in range(3)] == [7, 7, 6]


def test_all_becomes_lines(source, tmp_path):
    run(source, tmp_path / "out", output_format="jsonl", compression="none")
    assert sorted(line_rows(tmp_path / "out"), key=lambda each: each["n"]) == ROWS


def test_lines_keep_their_bytes(tmp_path):
    line = '{"text":"a",  "n": 1.50,"x":"\\u00e9"}\n'
    (tmp_path / "a.jsonl").write_text(line)
    run(str(tmp_path / "a.jsonl"), tmp_path / "out", compression="gz")
    assert gzip.decompress((tmp_path / "out/data/a.jsonl.gz").read_bytes()).decode() == line


@pytest.mark.parametrize("size", [None, "1MB"])
def test_folders_are_read_back_with_their_values(source, tmp_path, size):
    out = tmp_path / "out"
    run(source, out, output_format="parquet", partition_by=["lang"], file_size=size)
    assert parquet_rows(out) == ROWS


def test_lines_in_folders_lack_the_field_alone(source, tmp_path):
    out = tmp_path / "out"
    run(source, out, output_format="jsonl", compression="none", partition_by=["lang,n"])
    assert json.loads((out / "data/lang=de/n=0/a.jsonl").read_text()) == {
        "id": "d0",
        "text": ROWS[0]["text"],
    }
    assert len(line_rows(out)) == len(ROWS)


def test_small_files_are_joined_and_large_ones_split(tmp_path):
    for k in range(8):
        write_jsonl(tmp_path / f"in/{k}.jsonl", ROWS[k * 4 : k * 4 + 4])
    run(str(tmp_path / "in"), tmp_path / "out", file_size="2kB")
    sizes = [len(data) for data in tree(tmp_path / "out/data").values()]
    assert max(sizes) <= 2000
    assert len(sizes) < 8
    assert line_rows(tmp_path / "out") == ROWS[:32]


def test_folders_of_the_input_are_not_joined(tmp_path):
    for lang in ("de", "en"):
        write_jsonl(tmp_path / f"in/lang={lang}/x.jsonl", [{"text": lang}])
    run(str(tmp_path / "in"), tmp_path / "out", file_size="1MB")
    for k, lang in enumerate(("de", "en")):
        file = tmp_path / f"out/data/lang={lang}/part-0000{k}-00000.jsonl"
        assert json.loads(file.read_text()) == {"text": lang}


def test_a_folder_of_the_input_gives_the_value(tmp_path):
    write_jsonl(tmp_path / "in/lang=de/x.jsonl", [{"text": "a"}])
    write_jsonl(tmp_path / "in/lang=en/x.jsonl", [{"text": "b"}, {"text": "c", "lang": "de"}])
    run(str(tmp_path / "in"), tmp_path / "out", partition_by=["lang"])
    found = {str(k): v for k, v in tree(tmp_path / "out/data").items()}
    assert found == {
        "lang=de/x.jsonl": b'{"text": "a"}\n',
        "lang=de/x-2.jsonl": b'{"text": "c"}\n',
        "lang=en/x-2.jsonl": b'{"text": "b"}\n',
    }


def test_too_many_folders_are_refused_before_the_first(source, tmp_path, monkeypatch):
    monkeypatch.setattr(shape_files, "MOST_FOLDERS", 5)
    monkeypatch.setattr(shaped_data, "MOST_FOLDERS", 5)
    with pytest.raises(
        StageError, match="--partition-by lang makes more than 5 folders; nothing was"
    ):
        run(source, tmp_path / "out", partition_by=["lang"])
    assert not (tmp_path / "out/data").exists()


def test_a_value_that_names_no_folder_is_refused(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": "a", "tags": ["b"]}])
    with pytest.raises(StageError, match="a value of 'tags' is a list or an object; nothing was"):
        run(source, tmp_path / "out", partition_by=["tags"])


def test_a_field_that_is_nowhere_is_refused_before_work(source, tmp_path):
    with pytest.raises(InputError, match="partition field 'lagn' is in none of the 3 files"):
        run(source, tmp_path / "out", partition_by=["lagn"])
    assert not (tmp_path / "out").exists()


def test_a_killed_run_goes_on_to_the_same_files(source, tmp_path, monkeypatch):
    form = {"partition_by": ["lang"], "output_format": "parquet"}
    run(source, tmp_path / "whole", **form)
    shape, calls = ShapeFiles._shape, []

    def dies(self, wholes, name):
        calls.append(name)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return shape(self, wholes, name)

    monkeypatch.setattr(shaped_data, "_FILES_PER_TASK", 1)
    monkeypatch.setattr(ShapeFiles, "_shape", dies)
    with pytest.raises(KeyboardInterrupt):
        run(source, tmp_path / "killed", **form)
    monkeypatch.setattr(ShapeFiles, "_shape", shape)
    run(source, tmp_path / "killed", **form)
    assert tree(tmp_path / "killed/data") == tree(tmp_path / "whole/data")


def test_another_form_takes_the_place_of_the_last(source, tmp_path):
    run(source, tmp_path / "plain")
    for form in ({}, {"partition_by": ["lang"]}, {}, {"compression": "zst"}, {}):
        run(source, tmp_path / "out", cache=str(tmp_path / "cache"), **form)
    assert tree(tmp_path / "out/data") == tree(tmp_path / "plain/data")


def test_ids_of_several_kinds_are_forgotten_in_parquet(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": f"t{i}", "id": i} for i in ("a", 5, "b")])
    out = tmp_path / "out"
    run(source, out, output_format="parquet")
    words = ["forget", "a", "5", str(out), "--quiet"]
    assert command(words) == 0
    assert pq.read_table(out / "data/x.parquet").column("text").to_pylist() == ["tb"]


def command(words):
    return run_app("curator-text", JOBS, version="1", argv=words)


JOBS_THAT_WRITE = {
    "exact": ["--mark"],
    "fuzzy": [],
    "filter": ["--recipe", "words.yaml"],
    "langid": [],
    "clean": [],
    "pii": [],
    "decontaminate": ["--against", "against.jsonl"],
    "lines": [],
    "substring": [],
}


@pytest.mark.parametrize("job", JOBS_THAT_WRITE)
def test_every_job_writes_what_is_asked_for(job, source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_jsonl("against.jsonl", [ROWS[3]])
    (tmp_path / "words.yaml").write_text("filters:\n  - WordCount: {min_words: 28}\n")
    form = ["--output-format", "parquet", "--partition-by", "lang"]
    words = [job, "in", "--id-field", "id", "--quiet", *JOBS_THAT_WRITE[job]]
    assert command([*words, "-o", "plain"]) == 0
    assert command([*words, "-o", "out", *form]) == 0
    facts = json.loads((tmp_path / "out/run.json").read_text())["facts"]
    gone = 0 if job == "exact" else facts.get("num_removed", facts.get("num_duplicates"))
    found = ds.dataset(str(tmp_path / "out/data"), format="parquet", partitioning="hive").to_table()
    assert found.num_rows == facts["num_documents"] - gone
    assert {*found.column("lang").to_pylist()} <= {*LANGS}
    assert tree(tmp_path / "plain/removed") == tree(tmp_path / "out/removed")
