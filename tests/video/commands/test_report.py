"""`curator-video report`: the page again."""

from functools import partial

import pytest

from curator_engine.commands.cli import Console
from curator_engine.commands.item_jobs import report_items
from curator_engine.commands.item_settings import ReportSettings
from curator_engine.errors import InputError, SettingsError
from curator_video.commands.clip_app import CLIP_APP

run = partial(report_items, CLIP_APP)


def test_the_page_is_written_again(own_run):
    (own_run / "report.html").unlink()
    run(ReportSettings(inputs=[str(own_run)]), Console(quiet=True))
    assert (own_run / "report.html").exists()


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError):
        run(ReportSettings(inputs=[str(tmp_path)]), Console(quiet=True))


def test_one_folder_at_a_time():
    with pytest.raises(SettingsError, match="one folder"):
        ReportSettings(inputs=["a", "b"]).check()
