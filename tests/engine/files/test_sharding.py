"""Which files a shard reads, and what is no shard."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator_engine.errors import InputError, SettingsError
from curator_engine.files.listing import FileInfo, Listing
from curator_engine.files.sharding import Shard, in_shard, shard_of

ARRAY = {"ID": "6", "MIN": "1", "MAX": "16", "COUNT": "16"}


def listing(sizes):
    files = [
        FileInfo(path=f"in/{i}", size=size, stamp="", name=str(i)) for i, size in enumerate(sizes)
    ]
    return Listing(files=files, passed_over={})


def environment(**changes):
    return {f"SLURM_ARRAY_TASK_{name}": value for name, value in (ARRAY | changes).items()}


def read_by(sizes, count):
    return [in_shard(listing(sizes), f"{i}/{count}").files for i in range(count)]


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=60), st.data())
def test_each_file_is_read_by_one_shard_and_none_has_nothing(sizes, data):
    count = data.draw(st.integers(1, len(sizes)))
    parts = read_by(sizes, count)
    assert all(parts)
    assert [file for part in parts for file in part] == listing(sizes).files


def test_no_shard_has_more_bytes_than_needs_be():
    sums = [sum(file.size for file in part) for part in read_by([9, 1, 1, 1, 6, 3, 3], 4)]
    assert max(sums) == 9


def test_more_shards_than_files_are_refused():
    with pytest.raises(InputError, match=r"has 3 files.*at most 3 shards"):
        in_shard(listing([1, 1, 1]), "0/4")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("16/16", "0/16 to 15/16; with Slurm, --array=0-15"),
        ("3", "write it as 3/16"),
        ("/", "write it as 3/16"),
        ("0/0", "are not in"),
    ],
)
def test_what_is_no_shard_is_refused(text, says):
    with pytest.raises(SettingsError, match=says):
        Shard.parse(text)


def test_slurms_variables_count_from_the_least_task():
    assert str(Shard.parse("slurm", environment())) == "5/16"


@pytest.mark.parametrize("changes", [{"COUNT": "2"}, {"MIN": ""}])
def test_an_array_with_gaps_or_none_names_no_shard(changes):
    with pytest.raises(SettingsError, match=r"write --shard"):
        Shard.parse("slurm", environment(**changes))


def test_the_folder_says_which_shard_it_is():
    shard = Shard(3, 16)
    assert shard.below("out") == "out/shard-00003-of-00016"
    assert shard.below("out/shard-00003-of-00016/steps/01-filter").endswith("16/steps/01-filter")
    assert shard_of(shard.folder) == shard
    assert shard_of("data") is None


@pytest.mark.parametrize("other", ["shard-00000-of-00008", "run.json"])
def test_a_folder_of_another_run_is_refused(tmp_path, other):
    Path(tmp_path, other).mkdir()
    with pytest.raises(InputError, match="choose another output folder"):
        Shard(3, 16).check_beside(f"{tmp_path}/shard-00003-of-00016")
