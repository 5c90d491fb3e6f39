"""Charts are well-formed and to scale."""

from xml.etree import ElementTree as ET

from curator_text.report.charts import s_curve_chart, size_chart


def shapes(svg, kind):
    return [each for each in ET.fromstring(svg).iter() if kind in each.get("class", "").split()]


def test_the_curve_has_a_point_per_similarity():
    chart = s_curve_chart({0.5: 0.1, 0.8: 0.9, 1.0: 1.0}, threshold=0.8, removed=[0] * 50)
    points = shapes(chart, "curve")[0].attrib["points"].split()
    assert len(points) == 3
    assert float(points[0].split(",")[1]) > float(points[2].split(",")[1])


def test_a_bar_stands_where_documents_were_removed():
    chart = s_curve_chart({0.5: 0.1, 1.0: 1.0}, threshold=None, removed=[0] * 45 + [7] + [0] * 4)
    assert [bar[0].text for bar in shapes(chart, "bar")] == ["0.90 to 0.92: 7 removed"]


def test_the_threshold_is_marked_if_there_is_one():
    curve = {0.5: 0.1, 1.0: 1.0}
    assert shapes(s_curve_chart(curve, threshold=0.8, removed=[]), "mark")
    assert not shapes(s_curve_chart(curve, threshold=None, removed=[]), "mark")


def test_clusters_are_bars_with_their_counts():
    chart = size_chart([("2", 4), ("3", 0), ("4", 1)])
    assert [text.text for text in shapes(chart, "value")] == ["4", None, "1"]
    heights = [float(bar.attrib["height"]) for bar in shapes(chart, "bar")]
    assert heights[0] == 2 * heights[2] > heights[1] == 0
