"""Pictures into a curated set."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from image.drawn_pictures import write_tar
from image.scenes import draw_photos, encoded, scene

from curator_engine.errors import InputError
from curator_engine.executors.local import LocalExecutor
from curator_engine.items.item_table import Mark, with_marks
from curator_image.images.written import WrittenImages
from curator_image.pipelines.curate import CurateWorkflow
from curator_image.pipelines.kept_images import rewrite_kept
from curator_image.settings import CurateSettings


def curate(inputs, output, *, executor=None, **settings):
    made = CurateSettings(inputs=[str(each) for each in inputs], output=str(output), **settings)
    executor = executor or LocalExecutor({"workers": 1, "on_error": "quarantine"})
    return CurateWorkflow(settings=made).run(executor).metadata


def rows_of(output):
    return {row["place"]: row for row in pq.read_table(output / "images.parquet").to_pylist()}


def files_in(folder):
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in Path(folder).rglob("*") if p.is_file()
    }


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A folder of photos, and the run over it with everything at its default."""
    place = tmp_path_factory.mktemp("curate")
    files = draw_photos(place / "photos")
    facts = curate([place / "photos"], place / "out", keep="first")
    return files, place / "out", facts


def test_every_picture_is_kept_dropped_or_unreadable(run):
    files, out, facts = run
    assert facts["images"] == len(files) == len(rows_of(out))
    assert facts["kept"] + facts["dropped"] + facts["unreadable"] == facts["images"]


def test_copies_go_and_say_which_picture_stays(run):
    rows = rows_of(run[1])
    gone = {place for place, row in rows.items() if row["kept_id"]}
    assert gone == {"1-pixels.bmp", "1.png", "2-small.jpg", "2.png"}
    assert rows["1.png"]["drop_reason"] == "same bytes: as 1-again.png"


def test_kept_pictures_are_written_byte_for_byte(run):
    files, out, _ = run
    kept = {place for place, row in rows_of(out).items() if row["keep"]}
    assert files_in(out / "data") == {name: files[name] for name in kept}


def test_the_input_is_as_it_was(run):
    files, out, _ = run
    assert files_in(out.parent / "photos") == files


def test_what_is_no_picture_is_quarantined_with_a_reason(run):
    _, out, facts = run
    assert (facts["unreadable"], facts["quarantined"]) == (1, 1)
    row = rows_of(out)["bad.png"]
    assert (row["keep"], row["drop_stage"]) == (False, "read")
    assert row["drop_reason"]


def test_the_largest_copy_stays(run, tmp_path):
    curate([run[1].parent / "photos"], tmp_path / "out")
    rows = rows_of(tmp_path / "out")
    assert {rows[name]["kept_id"] for name in ("2-small.jpg", "2-mirrored.jpg")} == {
        rows["2.png"]["uuid"]
    }


def test_without_near_only_copies_of_bytes_and_pixels_go(run, tmp_path):
    facts = curate([run[1].parent / "photos"], tmp_path / "out", near="off")
    assert facts["dropped_by"] == {"exact": 2}


def test_limits_drop_with_both_numbers(run, tmp_path):
    facts = curate([run[1].parent / "photos"], tmp_path / "out", min_width=300.0)
    row = rows_of(tmp_path / "out")["2-small.jpg"]
    assert row["drop_reason"] == "width 200 < 300"
    assert facts["dropped_by"]["size"] == 1


def test_pictures_of_an_evaluation_set_go(run, tmp_path):
    (tmp_path / "eval").mkdir()
    (tmp_path / "eval/e.jpg").write_bytes(encoded(scene(3).resize((240, 180)), "JPEG"))
    facts = curate([run[1].parent / "photos"], tmp_path / "out", against=[str(tmp_path / "eval")])
    assert facts["dropped_by"]["leak"] == 1
    assert rows_of(tmp_path / "out")["3.png"]["drop_stage"] == "leak"


def test_an_earlier_run_can_be_what_is_compared_with(run, tmp_path):
    facts = curate([run[1].parent / "photos"], tmp_path / "out", against=[str(run[1])])
    assert facts["kept"] == 0


def test_the_result_may_not_lie_in_what_is_compared_with(run, tmp_path):
    draw_photos(tmp_path / "eval")
    with pytest.raises(InputError):
        curate([run[1].parent / "photos"], tmp_path / "eval/out", against=[str(tmp_path / "eval")])


def test_two_workers_write_the_same(run, tmp_path):
    executor = LocalExecutor({"workers": 2, "on_error": "quarantine"})
    curate([run[1].parent / "photos"], tmp_path / "out", executor=executor, keep="first")
    assert files_in(tmp_path / "out/data") == files_in(run[1] / "data")
    assert rows_of(tmp_path / "out") == rows_of(run[1])


def test_a_repeated_call_goes_on_from_what_is_there(run, tmp_path):
    photos = run[1].parent / "photos"
    made = CurateSettings(inputs=[str(photos)], output=str(tmp_path / "out"), keep="first")
    CurateWorkflow(settings=made).run(LocalExecutor({"workers": 1, "on_error": "quarantine"}))
    (tmp_path / "out/images.parquet").unlink()
    curate([photos], tmp_path / "out", keep="first")
    assert rows_of(tmp_path / "out") == rows_of(run[1])


def test_run_json_has_the_counts(run):
    _, out, facts = run
    record = json.loads((out / "run.json").read_text())
    assert record["facts"]["kept"] == facts["kept"]
    assert record["status"] == "done"


def test_an_evaluation_set_that_has_changed_is_compared_with_again(run, tmp_path):
    (tmp_path / "eval").mkdir()
    (tmp_path / "eval/e.png").write_bytes(encoded(scene(90)))
    made = CurateSettings(
        inputs=[str(run[1].parent / "photos")],
        output=str(tmp_path / "out"),
        against=[str(tmp_path / "eval")],
    )
    before = CurateWorkflow(settings=made).wanted().key
    (tmp_path / "eval/e.png").write_bytes(encoded(scene(3)))
    assert CurateWorkflow(settings=made).wanted().key != before


def test_what_a_tar_holds_beside_pictures_is_said(tmp_path):
    members = [("a.png", encoded(scene(1))), ("b.txt", b"no picture")]
    facts = curate([write_tar(tmp_path / "in.tar", members)], tmp_path / "out")
    assert facts["notes"] == ["passed over in files: 1 samples without a picture"]


def test_what_a_table_has_no_room_for_is_counted(tmp_path):
    members = [("a.png", encoded(scene(1))), ("a.npy", b"n"), ("a.txt", b"a boat")]
    source = write_tar(tmp_path / "in.tar", members)
    facts = curate([source], tmp_path / "out", output_format="parquet")
    [note] = facts["notes"]
    assert note.endswith("no room for it: 1 npy")


def test_a_folder_has_a_list_of_captions_and_pictures_as_asked_for(tmp_path):
    members = [("a.png", encoded(scene(1))), ("a.txt", b"a boat")]
    source = write_tar(tmp_path / "in.tar", members)
    how = {"output_format": "folder", "reencode": "jpeg", "max_side": 64}
    facts = curate([source], tmp_path / "out", **how)
    [line] = (tmp_path / "out/data/metadata.jsonl").read_text().splitlines()
    row = json.loads(line)
    assert row["text"] == "a boat"
    assert (tmp_path / "out/data" / row["file_name"]).read_bytes().startswith(b"\xff\xd8")
    assert facts["reencoded"]["images"] == 1


def test_names_that_are_not_utf8_are_kept_and_found_again(tmp_path):
    photo, other = (encoded(scene(seed)) for seed in (1, 2))
    loose = tmp_path / "in" / "caf\udce9.png"
    loose.parent.mkdir()
    loose.write_bytes(photo)
    write_tar(tmp_path / "in" / "a.tar", [("th\udce9.png", other)])
    curate([tmp_path / "in"], tmp_path / "out")
    rows = rows_of(tmp_path / "out")
    assert {place: row["path"] for place, row in rows.items()} == {
        "a.tar/th%E9.png": "data/a.tar/th%E9.png",
        "caf%E9.png": "data/caf%E9.png",
    }
    assert (tmp_path / "out/data/caf%E9.png").read_bytes() == photo
    before = pq.read_table(tmp_path / "out/images.parquet")
    rewrite_kept(
        str(tmp_path / "out"),
        before,
        with_marks(before, {rows["caf%E9.png"]["uuid"]: Mark(stage="x")}),
        {},
    )
    found = WrittenImages(str(tmp_path / "out"))
    assert [found.find(row["path"]).data for row in rows.values()] == [other, photo]
