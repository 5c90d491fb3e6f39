"""`curator-image download` as it is called."""

from image.drawn_pictures import picture
from image.runs import image
from web_server import serving

from curator_engine.commands.cli import Console
from curator_image.commands.download import Download
from curator_image.settings import DownloadSettings


def test_what_came_and_what_did_not_is_told(tmp_path):
    with serving({"/0.jpg": (200, {}, picture())}) as site:
        (tmp_path / "l.csv").write_text(f"url\n{site.url}/0.jpg\n{site.url}/1.jpg\nx\n")
        settings = DownloadSettings(
            inputs=[str(tmp_path / "l.csv")],
            output=str(tmp_path / "out"),
            allow_private=True,
            workers=1,
        )
        result = Download.as_command(settings, Console(quiet=True))
    assert result.exit_code == 0
    assert result.lines[0].startswith("3 addresses: 1 pictures")
    assert set(result.lines[1:4]) == {
        "  status 404: 1",
        "  not an address of http or https: 1",
        "  --retry-failed asks for those again",
    }


def test_this_machine_is_reached_with_leave_only(tmp_path):
    with serving({"/0.jpg": (200, {}, picture())}) as site:
        (tmp_path / "l.txt").write_text(f"{site.url}/0.jpg\n")
        assert image("download", tmp_path / "l.txt", "-o", tmp_path / "out", "--workers", 1) == 0
        assert site.asked == {}
    assert not (tmp_path / "out/data").exists()


def test_the_same_command_asks_again_for_what_failed(tmp_path, capsys):
    words = ("-o", tmp_path / "out", "--workers", 1, "--allow-private", "--retry-failed")
    with serving({"/0.jpg": (200, {}, picture())}) as site:
        (tmp_path / "l.txt").write_text(f"{site.url}/0.jpg\n{site.url}/1.jpg\n")
        assert image("download", tmp_path / "l.txt", *words) == 0
        site.answers["/1.jpg"] = (200, {}, picture(1))
        assert image("download", tmp_path / "l.txt", *words, "--per-host", 100) == 0
        assert "2 addresses: 2 pictures" in capsys.readouterr().out
        site.asked.clear()
        # Nothing failed: nothing is asked.
        assert image("download", tmp_path / "l.txt", *words) == 0
        assert site.asked == {}
        (tmp_path / "other.txt").write_text(f"{site.url}/0.jpg\n")
        assert image("download", tmp_path / "other.txt", *words) == 2
        assert "holds a run of other lists" in capsys.readouterr().err
    assert (tmp_path / "out/data/000000.tar").exists()
