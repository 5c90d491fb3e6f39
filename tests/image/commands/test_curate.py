import json

from image.runs import data, image, kept
from image.scenes import draw_photos, encoded, scene


def test_the_folder_holds_what_is_kept(finished_images):
    assert data(finished_images) == kept(finished_images)


def test_a_picture_that_cannot_be_read_gives_exit_code_3(tmp_path, capsys):
    draw_photos(tmp_path / "in")
    words = [
        "curate",
        tmp_path / "in",
        "-o",
        tmp_path / "out",
        "--json",
        "--max-rejected-ratio",
        "1",
    ]
    assert image(*words) == 3
    said = json.loads(capsys.readouterr().out)
    assert (said["images"], said["kept"], said["unreadable"]) == (10, 5, 1)


def test_a_folder_without_pictures_is_one_line(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text("no picture")
    assert image("curate", tmp_path / "in", "-o", tmp_path / "out") == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_folder_of_others_is_refused(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.png").write_bytes(encoded(scene(1)))
    (tmp_path / "out").mkdir()
    (tmp_path / "out/theirs.txt").write_text("keep me")
    assert image("curate", tmp_path / "in", "-o", tmp_path / "out") == 2
    assert (tmp_path / "out/theirs.txt").read_text() == "keep me"


def test_a_threshold_out_of_range_is_refused(tmp_path, capsys):
    assert image("curate", tmp_path, "-o", tmp_path / "out", "--threshold", "90") == 2
    assert "--threshold 90.0 is not above 0.5" in capsys.readouterr().err


def test_nothing_is_written_where_nothing_is_asked_for(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.png").write_bytes(encoded(scene(1)))
    words = ["curate", tmp_path / "in", "-o", tmp_path / "out", "--output-format", "none"]
    assert image(*words) == 0
    assert not (tmp_path / "out/data").exists()


def test_a_dry_run_writes_nothing(tmp_path):
    (tmp_path / "a.png").write_bytes(encoded(scene(1)))
    assert image("curate", tmp_path / "a.png", "-o", tmp_path / "out", "--dry-run") == 0
    assert not (tmp_path / "out").exists()


def test_a_finished_run_is_not_done_again(finished_images, capsys):
    before = (finished_images / "images.parquet").stat().st_mtime_ns
    photos = finished_images.parent / "photos"
    more = ["--keep", "first", "--max-rejected-ratio", "1", "--resume"]
    assert image("curate", photos, "-o", finished_images, *more) == 3
    assert (finished_images / "images.parquet").stat().st_mtime_ns == before
