"""What would be kept with a threshold elsewhere is what a run with it there keeps."""

import numpy as np
import pytest
from filter_toys import ROWS, filter_into, keeps, toy_recipe
from text_toys import write_jsonl

from curator_text.removal.run_folder import open_run
from curator_text.report.filter_findings import BINS, find_filtered


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("findings")
    source = write_jsonl(folder / "x.jsonl", ROWS)
    filter_into(source, folder / "out", where="row > 5", recipe=toy_recipe(least=2, most=2))
    return find_filtered(open_run(str(folder / "out")))


def kept(least, most):
    return sum(keeps(row, least=least, most=most) and i > 5 for i, row in enumerate(ROWS))


def test_a_moved_least_keeps_what_a_run_with_it_keeps(found):
    words = found.rules[0]
    assert words.kept_from.tolist() == [kept(edge, 2) for edge in words.edges.tolist()]


def test_a_moved_most_keeps_what_a_run_with_it_keeps(found):
    marks = found.rules[1]
    assert marks.kept_to.tolist() == [kept(2, edge) for edge in marks.edges.tolist()]


def test_every_score_is_in_one_bar(found):
    assert [int(rule.counts.sum()) for rule in found.rules] == [len(ROWS)] * 2
    assert len(found.rules[0].counts) == BINS


def test_there_are_at_most_three_examples_of_each_rule(found):
    assert [len(rule.examples) for rule in found.rules] == [3, 3]
    assert [len(each) for each in found.other_examples.values()] == [3]
    assert all(each.text or each.trouble == "" for rule in found.rules for each in rule.examples)


def test_scores_far_from_the_threshold_leave_the_bars_where_scores_are(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    filter_into(source, tmp_path / "out", recipe=toy_recipe(most=10**9))
    marks = find_filtered(open_run(str(tmp_path / "out"))).rules[1]
    assert np.max(marks.edges) == 3


def test_the_text_of_a_changed_input_is_not_shown(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    filter_into(source, tmp_path / "out")
    write_jsonl(tmp_path / "x.jsonl", ROWS[1:])
    [example, *_] = find_filtered(open_run(str(tmp_path / "out"))).rules[0].examples
    assert (example.text, "has changed since the run" in example.trouble) == ("", True)
