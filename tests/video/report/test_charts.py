"""Videos as strips: a piece per clip, at its place."""

import xml.etree.ElementTree as ET

from curator_video.report.charts import Span, timeline


def parts(svg, kind):
    """Elements of a class."""
    return [e for e in ET.fromstring(svg).iter() if kind in e.get("class", "").split()]


def test_a_strip_has_a_piece_per_clip():
    spans = [
        Span(start=0, end=2, kind="kept", title="a"),
        Span(start=2, end=4, kind="dropped", title="b"),
    ]
    svg = timeline(spans, 4.0, label="x")
    (left,), (right,) = parts(svg, "kept"), parts(svg, "dropped")
    assert (float(left.get("x", "")), float(right.get("x", ""))) == (0, 500)
    assert 490 < float(left.get("width", "")) <= 500


def test_a_video_of_no_length_has_a_strip():
    assert "track" in timeline([], 0.0, label="x")
