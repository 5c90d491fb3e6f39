import gzip
import io
import random
import tarfile
from collections import Counter

import pytest
from image.drawn_pictures import picture, write_tar

from curator_engine.errors import DamagedFileError, UnreadableFileError
from curator_engine.files.tar_members import tar_members


def read(path, **options):
    """The members, and the error at the end if there is one."""
    found = []
    try:
        for each in tar_members(str(path), **options):
            found.append(each)
    except DamagedFileError as error:
        return found, str(error)
    return found, ""


@pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("name", ["a.jpg", "d/" * 45 + "a.jpg", "é" * 40 + ".jpg"])
def test_members_are_copied_byte_for_byte(tmp_path, kind, name):
    with tarfile.open(tmp_path / "a.tar", "w", format=kind) as tar:
        for each in (name, "b.jpg"):
            info = tarfile.TarInfo(each)
            info.size, info.mtime, info.uname = 700, 1_700_000_000, "me"
            tar.addfile(info, io.BytesIO(bytes(range(256)) * 2 + bytes(188)))
    found, problem = read(tmp_path / "a.tar")
    assert ([each.name for each in found], problem) == ([name, "b.jpg"], "")
    whole = b"".join(each.blocks for each in found)
    assert (tmp_path / "a.tar").read_bytes()[: len(whole)] == whole


@pytest.mark.parametrize("mode", ["w", "w:gz"])
@pytest.mark.parametrize("part", [0.3, 0.62, 0.9])
def test_of_a_tar_that_is_cut_off_all_that_is_whole_is_given(tmp_path, mode, part):
    noise = random.Random(1).randbytes
    path = write_tar(tmp_path / "a.tar", [(f"{i}.jpg", noise(50_000)) for i in range(9)], mode)
    whole, _ = read(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    found, problem = read(path)
    assert 0 < len(found) < len(whole)
    assert [each.data for each in found] == [each.data for each in whole[: len(found)]]
    assert "cut off" in problem


def test_a_tar_that_is_cut_between_members_may_be_cut_off(tmp_path):
    path = write_tar(tmp_path / "a.tar", [("a.jpg", bytes(512)), ("b.jpg", bytes(512))])
    path.write_bytes(path.read_bytes()[:1024])
    found, problem = read(path)
    assert len(found) == 1
    assert "no end mark after 1 members: it may be cut off" in problem


def test_a_damaged_header_ends_the_reading(tmp_path):
    path = write_tar(tmp_path / "a.tar", [("a.jpg", bytes(512)), ("b.jpg", bytes(512))])
    data = bytearray(path.read_bytes())
    data[1024 + 100] ^= 1
    path.write_bytes(data)
    found, problem = read(path)
    assert len(found) == 1
    assert "is damaged (bad checksum) after 1 members" in problem


@pytest.mark.parametrize(
    "name", ["../a.jpg", "/etc/a.jpg", "d/../../a.jpg", "C:\\a.jpg", "..\\a.jpg"]
)
def test_a_name_that_leads_out_of_the_folder_is_told(tmp_path, name):
    found, _ = read(write_tar(tmp_path / "a.tar", [(name, picture()), ("b.jpg", picture())]))
    assert [(each.problem, len(each.data)) for each in found] == [
        ("its name leads out of the tar's folder", 0),
        ("", len(picture())),
    ]


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE],
)
def test_links_and_devices_are_passed_over_and_counted(tmp_path, kind):
    link = tarfile.TarInfo("a.jpg")
    link.type, link.linkname = kind, "/etc/passwd"
    tally = Counter()
    path = write_tar(tmp_path / "a.tar", [(link, b""), ("b.jpg", picture())])
    found, _ = read(path, tally=tally)
    assert ([each.name for each in found], tally) == (["b.jpg"], {"links and devices in tars": 1})


def test_a_member_beyond_the_limit_is_told_and_the_next_is_read(tmp_path):
    path = write_tar(tmp_path / "a.tar", [("a.jpg", bytes(5000)), ("b.jpg", bytes(100))])
    found, _ = read(path, max_bytes=1000)
    assert [(each.problem, len(each.data)) for each in found] == [
        ("5,000 bytes are more than 1,000", 0),
        ("", 100),
    ]


def test_a_claimed_size_takes_no_memory(tmp_path):
    info = tarfile.TarInfo("a.jpg")
    info.size = 200 << 20
    (tmp_path / "a.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(1000))
    assert read(tmp_path / "a.tar") == ([], f"{tmp_path}/a.tar is cut off after 0 members.")


def test_tars_one_after_the_other_are_one(tmp_path):
    first = write_tar(tmp_path / "a.tar", [("a.jpg", picture())]).read_bytes()
    second = write_tar(tmp_path / "b.tar", [("b.jpg", picture())]).read_bytes()
    (tmp_path / "c.tar").write_bytes(first + second)
    assert [each.name for each in read(tmp_path / "c.tar")[0]] == ["a.jpg", "b.jpg"]


def test_what_follows_the_end_of_a_tar_is_told(tmp_path):
    path = write_tar(tmp_path / "a.tar", [("a.jpg", picture())])
    path.write_bytes(path.read_bytes() + b"<html>" * 100)
    found, problem = read(path)
    assert len(found) == 1
    assert "holds something else behind its 1 members" in problem


@pytest.mark.parametrize("data", [b"", b"no tar at all" * 100, gzip.compress(b"no tar" * 100)])
def test_what_is_no_tar_is_told(tmp_path, data):
    (tmp_path / "a.tar").write_bytes(data)
    found, problem = read(tmp_path / "a.tar")
    assert not found
    assert str(tmp_path / "a.tar") in problem


def test_a_tar_that_is_gone_is_an_error_of_that_file(tmp_path):
    with pytest.raises(UnreadableFileError):
        list(tar_members(str(tmp_path / "gone.tar")))


def test_an_endless_header_is_told(tmp_path):
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1 << 30
    (tmp_path / "a.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(4096))
    assert "an endless header" in read(tmp_path / "a.tar")[1]
