import tarfile

from audio.runs import audio, rows_of


def test_a_run_is_packed_byte_for_byte_by_length(finished_segments, tmp_path):
    assert audio("shard", finished_segments, tmp_path / "s", "--bins", "duration") == 0
    [path] = (tmp_path / "s").rglob("duration_0_5/audio/*/*.tar")
    with tarfile.open(path) as tar:
        found = {member.name: tar.extractfile(member).read() for member in tar}
    rows = [row for row in rows_of(finished_segments) if row["keep"]]
    assert found == {
        row["path"][5:]: (finished_segments / row["path"]).read_bytes() for row in rows
    }
