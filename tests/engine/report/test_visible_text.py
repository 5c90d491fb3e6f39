"""What cannot be seen in a text."""

from curator_engine.report.visible_text import visible


def test_what_steers_a_terminal_or_turns_the_writing_is_replaced():
    assert visible("a\x1b[2Jb\u202ec\ud800d\u061c") == "a\ufffd[2Jb\ufffdc\ufffdd\ufffd"


def test_lines_and_tabs_stay():
    assert visible("a\r\nb\tc\n") == "a\nb\tc\n"


def test_the_joiners_of_words_and_signs_stay():
    assert (
        visible("\u0645\u06cc\u200c\u062e \U0001f469\u200d\U0001f680")
        == "\u0645\u06cc\u200c\u062e \U0001f469\u200d\U0001f680"
    )
