"""The commands on files of other formats than JSON lines and Parquet: what is read, written and said."""

import csv
import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import command, sentence

ORIGINALS = [{"id": f"d{i}", "text": f'{sentence(i, 30)}\n"{i}", and so on[3]'} for i in range(6)]
ROWS = [*ORIGINALS, {"id": "copy", "text": ORIGINALS[2]["text"]}]


def table_of(rows=ROWS, delimiter=","):
    file = io.StringIO()
    writer = csv.DictWriter(file, rows[0], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def write_csv(folder):
    (folder / "in.csv").write_bytes(b"\xef\xbb\xbf" + table_of())


def write_tsv(folder):
    (folder / "in.tsv.gz").write_bytes(gzip.compress(table_of(delimiter="\t")))


def write_arrow(folder):
    table = pa.Table.from_pylist(ROWS)
    with pa.ipc.new_file(str(folder / "in.arrow"), table.schema) as file:
        file.write_table(table)


def write_datasets(folder):
    table = pa.Table.from_pylist(ROWS)
    for i in range(2):
        with pa.ipc.new_stream(str(folder / f"data-{i}.arrow"), table.schema) as file:
            file.write_table(table.slice(4 * i, 4), max_chunksize=2)
    names = [{"filename": f"data-{i}.arrow"} for i in range(2)]
    (folder / "state.json").write_text(json.dumps({"_data_files": names}))
    (folder / "dataset_info.json").write_text("{}")


def write_lance(folder):
    lance = pytest.importorskip("lance")
    lance.write_dataset(pa.Table.from_pylist(ROWS), str(folder / "in.lance"), max_rows_per_file=4)


def write_texts(folder):
    for row in ROWS:
        (folder / f"{row['id']}.txt").write_bytes(row["text"].encode())


WRITE = {
    "csv": write_csv,
    "tsv": write_tsv,
    "arrow": write_arrow,
    "datasets": write_datasets,
    "lance": write_lance,
    "texts": write_texts,
}


@pytest.fixture
def given(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def read_back(out):
    rows = list[dict[str, str]]()
    for path in sorted((out / "data").rglob("*.*")):
        if path.suffix == ".parquet":
            rows += pq.read_table(path).to_pylist()
        else:
            lines = (
                gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            )
            rows += [json.loads(line) for line in lines.splitlines()]
    return rows


def record(out):
    return json.loads((out / "run.json").read_text())["facts"]


@pytest.mark.parametrize("name", WRITE)
def test_a_copy_goes_and_all_else_stays_as_it_was(given, out, name):
    WRITE[name](given)
    # A file per text: their order is that of the names, in which `copy` comes first.
    gone = "d2" if name == "texts" else "copy"
    code, _, error = command("exact", given, "-o", out)
    assert code == 0, error
    stay = {row["text"] for row in ROWS if row["id"] != gone}
    rows = read_back(out)
    assert {row["text"] for row in rows} == stay
    assert len(rows) == len(ROWS) - 1
    if name != "texts":
        assert {row["id"] for row in rows} == {row["id"] for row in ROWS} - {gone}
    removed = pq.read_table(out / "removed").to_pylist()[0]
    for file in (removed["file"], removed["file"].replace(".jsonl", "").replace(".parquet", "")):
        _, said, error = command("explain", out, "--id", f"{file}:{removed['row']}")
        assert "so on" in said, error


@pytest.mark.parametrize("name", ["csv", "arrow", "lance"])
def test_a_killed_run_goes_on(given, out, name):
    WRITE[name](given)
    command("exact", given, "-o", out)
    whole = read_back(out)
    for path in (out / "data").iterdir():
        path.unlink()
    run = json.loads((out / "run.json").read_text())
    (out / "run.json").write_text(json.dumps({**run, "status": "running"}))
    code, _, error = command("exact", given, "-o", out, "--resume")
    assert code == 0, error
    assert read_back(out) == whole


@pytest.mark.parametrize("name", ["csv", "arrow", "lance", "texts"])
def test_a_dry_run_counts_the_rows(given, out, name):
    WRITE[name](given)
    code, said, _ = command("exact", given, "-o", out, "--dry-run")
    assert code == 0
    assert "documents" in said


@pytest.mark.parametrize("name", ["csv", "arrow", "lance"])
def test_a_limit_counts_rows(given, out, name):
    WRITE[name](given)
    command("exact", given, "-o", out, "--limit", 4)
    assert [row["id"] for row in read_back(out)] == ["d0", "d1", "d2", "d3"]


@pytest.mark.parametrize("name", ["csv", "arrow", "lance", "texts"])
def test_a_text_is_edited_in_what_is_written(given, out, name):
    WRITE[name](given)
    recipe = given.parent / "recipe.yaml"
    recipe.write_text("modifiers:\n  - CitationRemover\n")
    code, _, error = command("clean", given, "-o", out, "--recipe", recipe)
    assert code == 0, error
    expected = sorted(row["text"].removesuffix("[3]") for row in ROWS)
    assert sorted(row["text"] for row in read_back(out)) == expected


@pytest.mark.parametrize("name", ["csv", "arrow", "lance"])
def test_a_field_is_added_to_what_is_written(given, out, name):
    WRITE[name](given)
    assert command("langid", given, "-o", out)[0] == 0
    rows = read_back(out)
    assert [row["id"] for row in rows] == [row["id"] for row in ROWS]
    assert all("language" in row for row in rows)


def test_rows_that_are_none_are_counted_named_and_left_out(given, out):
    bad = b"r1,two,three\nr2\nr3,caf\xe9\nlast,fine\n"
    (given / "in.csv").write_bytes(table_of() + bad)
    code, said, _ = command("exact", given, "-o", out, "--max-rejected-ratio", 0.5)
    assert code == 3
    assert "3 rows in quarantine" in said
    gone = pq.read_table(out / "removed").num_rows
    assert record(out)["num_documents"] == len(read_back(out)) + gone == len(ROWS) + 1
    files = sorted((out / "quarantine").rglob("*.jsonl"))
    lost = [json.loads(line) for path in files for line in path.read_text().splitlines()]
    assert [each["raw"] for each in lost] == ["r1,two,three\n", "r2\n", "r3,caf\\xe9\n"]
    assert lost[1]["reason"].endswith("1 cells, and the first row has 2")


def test_texts_that_are_none_go_alone(given, out):
    write_texts(given)
    (given / "x.txt").write_bytes(b"caf\xe9")
    (given / "y.txt").write_bytes(b"\x7fELF\0\0")
    (given / "z.txt").write_bytes("\ufefftext".encode("utf-16"))
    code, said, _ = command("exact", given, "-o", out, "--max-rejected-ratio", 0.5)
    assert code == 3
    assert "1 row and 2 files" in said
    assert len(read_back(out)) == len(ROWS) - 1


def test_a_text_longer_than_a_row_may_be_goes_by_its_length(given, out):
    write_texts(given)
    (given / "long.txt").write_bytes(b"x" * 5000)
    code, said, _ = command(
        "exact", given, "-o", out, "--max-row", 2000, "--max-rejected-ratio", 0.5
    )
    assert code == 3
    assert "longer than max_row" in said


def test_a_table_without_the_field_is_refused_with_its_names(given, out):
    (given / "in.csv").write_bytes(b"title;body\na;b\n")
    code, _, error = command("exact", given, "-o", out)
    assert code == 2
    assert "the fields are title, body" in error
    assert not out.exists()


def test_what_is_passed_over_in_a_mixed_folder_is_said(given, out):
    (given / "a.jsonl").write_text('{"text": "a"}\n')
    write_csv(given)
    _, said, error = command("exact", given, "-o", out)
    assert "passed over: 1 .csv" in said + error
    assert record(out)["passed_over"] == {".csv": 1}


def test_many_small_texts_share_tasks_and_have_a_file_each(given, out):
    for i in range(120):
        Path(given / f"{i:03d}.txt").write_text(sentence(i % 100, 5), encoding="utf-8")
    code, _, error = command("exact", given, "-o", out)
    assert code == 0, error
    assert len(list((out / "data").iterdir())) == 100


CHATS = [
    {"id": i, "m": [{"role": "user", "content": text}, {"role": "assistant", "content": "Yes."}]}
    for i, text in enumerate(["a question", "another one", "a question"])
]
PARTED = [{"id": i, "title": f"T{i}", "meta": {"body": f"b{i}"}} for i in (0, 1, 0)]
FIELDS = {"m": CHATS, "title,meta.body": PARTED, "meta.body": PARTED}


def write_rows(folder, rows, ending):
    if ending == "jsonl":
        (folder / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        pq.write_table(pa.Table.from_pylist(rows), folder / "in.parquet")


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("job", ["exact", "filter"])
def test_a_text_of_several_parts_is_read_and_its_row_stays_as_it_was(
    given, out, job, field, ending
):
    rows = FIELDS[field]
    write_rows(given, rows, ending)
    more = ["--set", "WordCount.min_words=0"] if job == "filter" else ["--keep", "longest"]
    code, said, error = command(job, given, "-o", out, "--text-field", field, *more)
    assert code == 0, error
    if job == "exact":
        assert read_back(out) == rows[:2]
        _, said, _ = command("explain", out, "--id", f"in.{ending}:2")
        assert ("Yes." if field == "m" else "b0") in said
    else:
        assert "3 documents" in said


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_similar_chats_are_found(given, out, ending):
    talk = [{"role": "user", "content": sentence(1, 60)}, {"role": "assistant", "content": "No."}]
    write_rows(given, [{"m": talk}, {"m": [*talk, talk[1]]}, {"m": CHATS[0]["m"]}], ending)
    code, _, error = command("fuzzy", given, "-o", out, "--text-field", "m")
    assert code == 0, error
    assert len(read_back(out)) == 2


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("job", ["clean", "pii", "lines"])
def test_a_job_that_edits_refuses_what_it_cannot_write_back(given, out, job, field, ending):
    write_rows(given, FIELDS[field], ending)
    code, _, error = command(job, given, "-o", out, "--text-field", field)
    assert code == 2
    assert "no place to be written back" in error
    assert not out.exists()


def test_a_chat_among_texts_is_not_edited(given, out):
    (given / "in.jsonl").write_text(
        '{"text": "fine [1]"}\n' * 30 + json.dumps({"text": CHATS[0]["m"]}) + "\n"
    )
    assert command("clean", given, "-o", out)[0] == 3
    assert len(read_back(out)) == 30


def test_folders_that_name_a_column_stay_and_can_be_counted_by(given, out):
    for year, rows in ((2024, ROWS[:4]), (2025, ROWS[2:])):
        folder = given / f"year={year}"
        folder.mkdir()
        (folder / "in.csv").write_bytes(table_of(rows))
    assert command("exact", given, "-o", out, "--source-field", "year")[0] == 0
    assert sorted(path.name for path in (out / "data").iterdir()) == ["year=2024", "year=2025"]
    found = pq.read_table(out / "sources.parquet").to_pylist()
    assert {row["source"]: row["removed"] for row in found} == {"2024": 0, "2025": 3}


def test_each_of_several_fields_must_be_there(given, out):
    write_rows(given, PARTED, "jsonl")
    code, _, error = command("exact", given, "-o", out, "--text-field", "title,bdoy")
    assert code == 2
    assert "'bdoy' is in none" in error


def test_standard_input_is_read(monkeypatch, out):
    data = b"".join(json.dumps(row).encode() + b"\n" for row in ROWS)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
    code, _, error = command("exact", "-", "-o", out)
    assert code == 0, error
    lines = data.splitlines(keepends=True)
    assert (out / "data/stdin.jsonl").read_bytes() == b"".join(lines[:-1])


def test_rows_of_a_damaged_fragment_count_among_those_that_are_there(given, out):
    write_lance(given)
    lance = pytest.importorskip("lance")
    name = lance.dataset(str(given / "in.lance")).get_fragments()[0].metadata.files[0].path
    (given / "in.lance/data" / name).write_bytes(b"nonsense")
    code, _, error = command("exact", given / "in.lance", "-o", out)
    assert code == 1
    assert "4 of 7 rows cannot be read" in error
