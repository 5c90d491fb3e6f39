import hashlib
import tarfile

import pyarrow.parquet as pq
import pytest
from image.drawn_pictures import picture
from web_server import serving

from curator_engine.files.fetch import FetchRules
from curator_engine.stages.small_files import task_of
from curator_image.images.download_images import DownloadImages
from curator_image.images.list_urls import ListUrls
from curator_image.read.images import read_images

RULES = FetchRules(allow_private=True, per_host=1000.0, backoff_s=0.0)


@pytest.fixture(scope="module")
def site():
    answers = {f"/{i}.jpg": (200, {}, picture(i)) for i in range(3)}
    answers |= {"/page": (200, {}, b"<html>no"), "/no": (200, {"X-Robots-Tag": "noai"}, b"x")}
    with serving(answers) as site:
        yield site


def download(tmp_path, site, lines, **options):
    (tmp_path / "l.csv").write_text(
        "url,caption,md5\n" + "".join(f"{site.url}{e}\n" for e in lines)
    )
    task = task_of([(str(tmp_path / "l.csv"), "l.csv", "s")])
    [part] = ListUrls(parts=str(tmp_path / "urls")).process(task)
    part._metadata["file_index"] = 7
    stage = DownloadImages(
        output=str(tmp_path / "out"), parts=str(tmp_path / "parts"), rules=RULES, **options
    )
    return pq.read_table(stage.process(part).data[0]).to_pylist()


LINES = ["/2.jpg,two,", "/page,,", "/0.jpg,,", "/gone,,", "/no,,"]


def test_pictures_lie_in_the_order_of_the_list_with_caption_and_facts(tmp_path, site):
    rows = download(tmp_path, site, LINES)
    tar = tmp_path / "out/data/000007.tar"
    found = list(read_images(str(tar)))
    assert [each.data for each in found] == [picture(2), picture(0)]
    assert found[0].caption == "two"
    assert found[0].fields["url"] == f"{site.url}/2.jpg"
    assert [row["path"] for row in rows if row["path"]] == [
        "data/000007.tar/0000070000.jpg",
        "data/000007.tar/0000070002.jpg",
    ]
    with tarfile.open(tar) as file:
        assert file.getnames()[:3] == [f"0000070000.{end}" for end in ("jpg", "txt", "json")]


def test_each_address_without_a_picture_says_why(tmp_path, site):
    rows = download(tmp_path, site, LINES)
    assert [row["reason"] for row in rows] == [
        "",
        "no picture: a web page, no picture",
        "",
        "status 404",
        "opted out: X-Robots-Tag noai",
    ]
    assert rows[0]["sha256"] == hashlib.sha256(picture(2)).hexdigest()
    assert (rows[0]["format"], rows[0]["width"], rows[0]["height"]) == ("JPEG", 32, 24)


def test_loose_files_are_those_of_the_tar(tmp_path, site):
    download(tmp_path, site, LINES, output_format="folder")
    [picture_file] = (tmp_path / "out/data/000007").glob("*0000.jpg")
    assert picture_file.read_bytes() == picture(2)
    assert picture_file.with_suffix(".txt").read_text() == "two"


def test_a_checksum_of_the_list_is_held_to(tmp_path, site):
    right = hashlib.md5(picture(1), usedforsecurity=False).hexdigest()
    rows = download(tmp_path, site, [f"/1.jpg,,{right}", f"/0.jpg,,{right}"])
    assert [row["reason"] for row in rows] == ["", "another md5 than the list says"]


def test_nothing_that_came_leaves_no_tar(tmp_path, site):
    download(tmp_path, site, ["/gone,,"])
    assert not (tmp_path / "out").exists()


def test_one_worker_counts_how_often_a_host_is_asked():
    assert DownloadImages(output="o", parts="p").num_workers() == 1
