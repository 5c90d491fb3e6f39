"""What is looked at before a run."""

import json
from contextlib import nullcontext
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import corpus, sentence, write_corpus, write_invalid_parquet, write_jsonl

from curator_engine.errors import InputError
from curator_engine.files.listing import FileInfo, list_files
from curator_text.preflight import (
    check_text_field,
    estimate,
    fitting_workers,
    kernel_notice,
    sample_values,
)


def listed(folder):
    endings = [".jsonl", ".parquet", ".jsonl.gz", ".jsonl.zst"]
    return list_files([str(folder)], extensions=endings)


def estimated(folder, **how):
    settings: dict[str, Any] = {"method": "fast", "workers": 2, "num_bands": 20, "num_hashes": 260}
    return estimate(listed(folder), text_field="text", **{**settings, **how})


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


def test_an_estimate_counts_documents_from_a_sample(tmp_path):
    rows = corpus()
    write_corpus(tmp_path, rows)
    guess = estimated(tmp_path)
    assert (guess.files, guess.documents) == (3, len(rows))
    assert guess.disk_bytes > guess.input_bytes


def test_a_sample_has_no_texts_that_are_no_utf8(tmp_path):
    write_invalid_parquet(tmp_path / "x.parquet", "text")
    texts, _ = sample_values(listed(tmp_path)[0], "text")
    assert texts.to_pylist() == [sentence(0), sentence(1), sentence(2)]


@pytest.mark.parametrize("ending", [".jsonl.gz", ".jsonl.zst", ".parquet"])
def test_an_estimate_of_compressed_files_is_for_what_is_in_them(tmp_path, ending):
    rows = [{"text": sentence(k, words=200)} for k in range(2000)]
    if ending == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet", row_group_size=300)
    else:
        with pa.output_stream(tmp_path / f"a{ending}") as file:
            file.write("".join(json.dumps(row) + "\n" for row in rows).encode())
    assert 1500 < estimated(tmp_path).documents < 2700


def test_a_parquet_file_without_rows_is_no_hindrance(tmp_path):
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "a.parquet")
    assert estimated(tmp_path).documents == 0


def test_an_estimate_is_for_no_more_documents_than_are_read(tmp_path):
    write_corpus(tmp_path, corpus())
    few, all_ = estimated(tmp_path, limit=3), estimated(tmp_path)
    assert few.documents == 3
    assert few.disk_bytes < all_.disk_bytes


def test_a_limit_of_memory_is_what_a_run_takes(tmp_path):
    write_corpus(tmp_path, corpus())
    assert estimated(tmp_path, memory=10**9).memory_bytes == 10**9


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


def test_compiled_kernels_need_no_notice():
    assert kernel_notice() is None
