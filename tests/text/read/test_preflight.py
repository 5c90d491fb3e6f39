"""What is looked at before a run."""

from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import sentence, write_invalid_parquet, write_jsonl

from curator_engine.errors import InputError
from curator_engine.files.listing import FileInfo, list_files
from curator_text.read.preflight import (
    check_text_field,
    extrapolate,
    fitting_workers,
    sample_values,
)


def listed(folder):
    endings = [".jsonl", ".parquet", ".jsonl.gz", ".jsonl.zst"]
    return list_files([str(folder)], extensions=endings)


def test_one_file_with_the_field_is_enough(tmp_path):
    write_jsonl(tmp_path / "a.jsonl", [{"body": "x"}])
    pq.write_table(pa.table({"text": ["x"]}), tmp_path / "b.parquet")
    check_text_field(listed(tmp_path), "text")


def test_the_fields_that_there_are_are_named(tmp_path):
    write_jsonl(tmp_path / "a.jsonl", [{"body": "x", "n": 1}])
    with pytest.raises(InputError, match=r"none of the 1 files; the fields are body, n"):
        check_text_field(listed(tmp_path), "text")


def test_unreadable_files_are_left_to_the_run(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"nonsense")
    check_text_field(listed(tmp_path), "text")


def test_of_many_files_two_hundred_that_are_spread_are_looked_at(tmp_path):
    for n in range(1000):
        (tmp_path / f"{n:03}.jsonl").write_bytes(b'{"body": 1}\n')
    (tmp_path / "501.jsonl").write_bytes(b'{"text": "x"}\n')
    with pytest.raises(InputError, match="none of the 200 files that were looked at, of 1,000"):
        check_text_field(listed(tmp_path), "text")
    (tmp_path / "995.jsonl").write_bytes(b'{"text": "x"}\n')
    check_text_field(listed(tmp_path), "text")


@pytest.mark.parametrize(("before", "found"), [(900_000, True), (1_200_000, False)])
def test_of_a_file_of_lines_the_first_megabyte_is_looked_at(tmp_path, before, found):
    row = b'{"body": "%s"}\n' % bytes(range(97, 107))
    lines = row * (before // len(row)) + b'{"text": "x"}\n' + row
    (tmp_path / "x.jsonl").write_bytes(lines)
    with nullcontext() if found else pytest.raises(InputError, match="in none of the 1 files"):
        check_text_field(listed(tmp_path), "text")


def test_of_a_parquet_file_the_footer_is_looked_at(tmp_path):
    when = pa.array([datetime(9999, 1, 1)] * 9, pa.timestamp("us"))
    path = tmp_path / "x.parquet"
    pq.write_table(
        pa.table({"text": ["x"] * 9, "at": when}),
        path,
        compression="none",
        use_deprecated_int96_timestamps=True,
    )
    footer = int.from_bytes(path.read_bytes()[-8:-4], "little") + 8
    damaged = bytes(path.stat().st_size - footer) + path.read_bytes()[-footer:]
    path.write_bytes(b"PAR1" + damaged[4:])
    check_text_field(listed(tmp_path), "text")
    with pytest.raises(InputError, match="the fields are text, at"):
        check_text_field(listed(tmp_path), "body")


ODD = {
    "array": lambda text: b"[" + text.strip().replace(b"\n", b",\n") + b"]\n",
    "UTF-16": lambda text: text.decode().encode("utf-16"),
}


@pytest.mark.parametrize("form", ODD)
def test_a_file_of_another_form_is_named_before_work(tmp_path, form):
    lines = b"".join(b'{"text": "%d"}\n' % n for n in range(9))
    (tmp_path / "x.jsonl").write_bytes(ODD[form](lines))
    with pytest.raises(InputError, match=rf"x\.jsonl is (one JSON |){form}"):
        check_text_field(listed(tmp_path), "text")
    (tmp_path / "y.jsonl").write_bytes(lines)
    check_text_field(listed(tmp_path), "text")


def test_a_sample_has_no_texts_that_are_no_utf8(tmp_path):
    write_invalid_parquet(tmp_path / "x.parquet", "text")
    texts, _ = sample_values(listed(tmp_path)[0], "text")
    assert texts.to_pylist() == [sentence(0), sentence(1), sentence(2)]


def of_size(megabytes, name="a.jsonl"):
    return [FileInfo(path=name, size=megabytes << 20, stamp="", name=name)]


@pytest.mark.parametrize(
    ("files", "workers"),
    [
        (of_size(10), 1),
        (of_size(10, "a.jsonl.gz"), 1),
        (of_size(900), None),
        (of_size(100, "a.jsonl.gz"), None),
        (of_size(200) + of_size(200), None),
    ],
)
def test_small_input_has_one_worker(files, workers):
    assert fitting_workers(None, "local", files) == workers


def test_workers_are_as_many_as_were_asked_for():
    assert fitting_workers(3, "local", of_size(1)) == 3


def test_ray_chooses_its_workers_itself():
    assert fitting_workers(None, "ray_data", of_size(1)) is None


def test_what_is_made_ready_once_is_not_counted_for_each_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(500):
        write_jsonl(tmp_path / f"{i:03}.jsonl", [{"text": "a few words"}])
    now = 0.0

    def work(_: object) -> None:
        # A kernel is compiled in ten seconds, and used in a hundredth of one.
        nonlocal now
        now += 0.01 if now else 10.0

    monkeypatch.setattr("curator_text.read.preflight.time.perf_counter", lambda: now)
    extent = extrapolate(list_files([str(tmp_path)], extensions=[""]), field="text", work=work)
    assert extent.documents == 500
    assert extent.seconds == pytest.approx(10 + 500 * 0.01)
