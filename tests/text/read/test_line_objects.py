"""The object on a line, whatever its bytes are."""

from curator_text.read.line_objects import object_of


def test_the_object_on_a_line_whatever_its_bytes_are():
    assert object_of(b'\xef\xbb\xbf{"a": 1}\n') == {"a": 1}
    assert object_of(b'{"a": "\xff"}') == {"a": "\ufffd"}
    assert object_of(b'{"a": ' + b"[" * 100_000 + b"\n") == {}
    assert object_of(b"[1]") == {}
