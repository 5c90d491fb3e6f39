import pyarrow.parquet as pq
from image.runs import copied, data, image, kept, rows_of


def test_without_near_copies_come_back(finished_images, tmp_path):
    run = copied(finished_images, tmp_path)
    assert image("dedup", run, "--near", "off", "--keep", "first", "--apply") == 0
    assert kept(run) == data(run) == kept(finished_images) | {"2-small.jpg", "2.png"}


def test_without_apply_copies_are_listed_only(finished_images, tmp_path):
    run = copied(finished_images, tmp_path)
    assert image("dedup", run, "--near", "off") == 0
    assert kept(run) == data(run) == kept(finished_images)
    assert pq.read_table(run / "duplicates.parquet").num_rows == 2


def test_another_policy_keeps_another_copy(finished_images, tmp_path):
    run = copied(finished_images, tmp_path)
    assert image("dedup", run, "--keep", "largest", "--apply") == 0
    assert data(run) == kept(run)
    assert rows_of(run)["2-small.jpg"]["keep"] is False


def test_a_folder_that_is_no_run_is_refused(tmp_path, capsys):
    assert image("dedup", tmp_path, "--apply") == 2
    assert capsys.readouterr().err.count("\n") == 1
