import json

import pytest
from image.drawn_pictures import picture, samples, write_tar

from curator_engine.commands.cli import Console, run_app
from curator_engine.errors import InputError
from curator_image.cli import JOBS
from curator_image.commands.probe import run
from curator_image.settings import ProbeSettings


def probe(*paths):
    return run(ProbeSettings(list(map(str, paths))), Console())


def test_a_picture_is_told(tmp_path):
    (tmp_path / "a.png").write_bytes(picture(kind="PNG"))
    result = probe(tmp_path / "a.png")
    assert result.lines[1].startswith("  PNG, ")
    assert result.lines[1].endswith(", 32x24, mode RGB")
    assert result.exit_code == 0


def test_a_file_that_is_no_picture_is_told_as_one_file(tmp_path):
    (tmp_path / "a.png").write_bytes(b"hello")
    told = probe(tmp_path / "a.png").lines[1:]
    assert told[0] == "  5 bytes, which cannot be used as a picture"
    assert told[1].startswith("  problem: no picture that is known by its first bytes")


def test_a_tar_and_what_is_amiss_in_it_are_told(tmp_path):
    path = write_tar(tmp_path / "s.tar", [*samples(), ("../x.jpg", picture())])
    lines = probe(path).lines
    assert lines[1].startswith("  tar of 4 pictures")
    assert "  captions: 3 of 4 pictures" in lines
    assert f"  problem: {path}/../x.jpg: its name leads out of the tar's folder" in lines


def test_what_is_no_picture_is_said_to_be_none_and_the_next_is_told(tmp_path):
    (tmp_path / "a.jpg").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "b.jpg").write_bytes(picture())
    result = probe(tmp_path)
    assert "  problem: SVG, which is drawn and not decoded" in result.lines
    assert (result.exit_code, result.summary["unusable"]) == (3, 1)
    assert result.lines[-1].startswith("2 files, 2 pictures, 1 of them cannot be used")


def test_an_empty_file_is_told(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"")
    result = probe(tmp_path / "a.jpg")
    assert (result.lines[1:], result.exit_code) == (
        ["  0 bytes, which cannot be used as a picture", "  problem: it is empty"],
        3,
    )


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        probe(tmp_path / "a.jpg")


def test_json(tmp_path, capsys):
    (tmp_path / "a.jpg").write_bytes(picture())
    argv = ["probe", f"{tmp_path}/a.jpg", "--json"]
    assert run_app("curator-image", JOBS, version="1", argv=argv) == 0
    [found] = json.loads(capsys.readouterr().out)["files"]
    assert (found["formats"], found["picture"]["frames"]) == ({"JPEG": 1}, 1)
