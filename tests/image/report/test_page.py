"""The page of a run on pictures: its numbers are those of the run, and nothing of a caption acts."""

import json

from image.drawn_pictures import write_tar
from image.runs import copied, image
from image.scenes import encoded, scene
from pages import ATTACK, Page, is_strict


def test_a_browser_shows_the_numbers_and_runs_no_script(browser, tmp_path):
    caption = f"<script>{ATTACK}</script> a caption"
    members = [("a.png", encoded(scene(1))), ("a.txt", caption.encode())]
    write_tar(tmp_path / "shard.tar", members)
    assert image("curate", tmp_path / "shard.tar", "-o", tmp_path / "out") == 0
    shown = Page(browser(tmp_path / "out/report.html", tmp_path / "profile"))
    assert not shown.is_harmed
    assert (shown.numbers["kept"], shown.numbers["items"]) == (1, 1)
    assert "<script>" in shown.text


def test_the_numbers_are_those_of_the_run(finished_images):
    page = Page((finished_images / "report.html").read_text(encoding="utf-8"))
    facts = json.loads((finished_images / "run.json").read_text(encoding="utf-8"))["facts"]
    assert page.numbers["kept"] == facts["kept"]
    assert page.numbers["items"] == facts["images"]
    assert page.numbers["copies"] == facts["dropped"]


def test_pictures_lie_in_the_page_itself(finished_images):
    page = Page((finished_images / "report.html").read_text(encoding="utf-8"))
    loaded = [value for value in page.sources if value not in page.links]
    assert len(loaded) >= 9
    assert all(value.startswith("data:image/webp;base64,") for value in loaded)
    assert is_strict(page.policy)


def test_copies_stand_side_by_side_with_the_one_that_stays(finished_images):
    text = (finished_images / "report.html").read_text(encoding="utf-8")
    assert text.count('<div class="sheet group">') == 2


def test_a_page_without_its_input_has_no_pictures_and_all_numbers(tmp_path, finished_images):
    run = copied(finished_images, tmp_path)
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    table = run / "images.parquet"
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = pq.read_table(table)
    at = rows.schema.get_field_index("file")
    gone = pa.array([f"{tmp_path}/gone/{n}" for n in range(rows.num_rows)], pa.string())
    pq.write_table(rows.set_column(at, "file", gone), table)
    assert image("report", run) == 0
    page = Page((run / "report.html").read_text(encoding="utf-8"))
    assert page.numbers["kept"] == record["facts"]["kept"]
    assert not [value for value in page.sources if value.startswith("data:image/webp")]
