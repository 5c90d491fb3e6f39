"""Names of files in another form, and what cannot be."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.removal.output_form import OutputForm, hive_folder


@pytest.mark.parametrize(
    ("form", "given", "name"),
    [
        (OutputForm(format="parquet"), "a.JSONL.gz", "a.parquet"),
        (OutputForm(format="jsonl"), "x/a.pq", "x/a.jsonl"),
        (OutputForm(format="jsonl", compression="zst"), "a.parquet", "a.jsonl.zst"),
        (OutputForm(compression="none"), "a.json.xz", "a.jsonl"),
        (OutputForm(compression="gz"), "a.parquet", "a.parquet"),
        (OutputForm(format="jsonl"), "a.ndjson.gz", "a.ndjson.gz"),
        (OutputForm(partition_by=("lang",)), "lang=de/site=a/x.jsonl", "site=a/x.jsonl"),
    ],
)
def test_a_file_is_called_by_what_it_is(form, given, name):
    assert form.name(given) == name


def test_no_two_files_get_one_name():
    names = OutputForm(format="parquet").names(["a.jsonl", "a.json", "a.parquet", "a-2.parquet"])
    assert names["a.parquet"] == "a.parquet"
    assert len(set(names.values())) == 4


@pytest.mark.parametrize(
    ("form", "kinds", "message"),
    [
        (OutputForm(compression="xz"), ["jsonl", "parquet"], "--compression xz is not offered for"),
        (OutputForm(compression="snappy"), ["jsonl"], "is not offered for jsonl, only none, gz"),
        (OutputForm(row_group_size=5), ["jsonl"], "add --output-format parquet"),
    ],
)
def test_what_a_format_has_not_is_named(form, kinds, message):
    with pytest.raises(SettingsError, match=message):
        form.check(kinds)


def test_folders_with_values_are_told_from_others():
    assert hive_folder("x/lang=de/y/a.jsonl") == "lang=de/"
