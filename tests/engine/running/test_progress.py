"""Progress: lines where there is no terminal, a bar where there is one."""

import io

from curator_engine.running.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def drive(stream, **options):
    progress = Progress(stream, **options)
    progress.start("sign", 2, "tasks")
    progress.advance(1)
    progress.advance(1)
    progress.finish()
    return stream.getvalue()


def test_a_line_per_interval_without_a_terminal():
    lines = drive(io.StringIO(), logging_interval=0).splitlines()
    assert [line.split(",")[0] for line in lines] == ["sign: 1 of 2 tasks", "sign: 2 of 2 tasks"]


def test_no_line_before_the_interval():
    assert drive(io.StringIO(), logging_interval=1000) == ""


class Noted(Progress):
    def note(self):
        return "3.0x real time"


def test_a_subclass_has_more_to_say():
    for stream in (io.StringIO(), Terminal()):
        progress = Noted(stream, logging_interval=0)
        progress.start("split", 2, "videos")
        progress.advance(2)
        progress.finish()
        assert "3.0x real time" in stream.getvalue()


def test_a_bar_on_a_terminal():
    assert "sign" in drive(Terminal())


def test_an_unknown_total_is_left_out():
    stream = io.StringIO()
    progress = Progress(stream, logging_interval=0)
    progress.start("sign", None, "tasks")
    progress.advance(3)
    assert stream.getvalue().startswith("sign: 3 tasks, ")
