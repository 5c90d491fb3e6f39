"""What the logits of the heads of the classifier of prompts mean."""

import numpy as np
import pytest

from curator_engine.errors import InputError
from curator_text.models.prompt_scores import PROMPT_FIELDS, SCORES, prompt_columns

SIZES = {"task_type": 3, **dict.fromkeys(SCORES, 2)}
CONFIG = {
    "target_sizes": SIZES,
    "task_type_map": {"0": "Chat", "1": "Code", "2": "Other"},
    "weights_map": {name: [0, 1] for name in SCORES},
    "divisor_map": dict.fromkeys(SCORES, 1),
}


def logits(*tasks, **second):
    """Logits of tasks, and for each score the one of its second class."""
    return [*tasks, *(value for name in SCORES for value in (0.0, second.get(name, -99.0)))]


def test_scores_and_what_they_add_up_to():
    sure, half = 99.0, 0.0
    rows = [logits(5, 1, 1, creativity_scope=sure, constraint_ct=half), logits(0, 0.1, -9)]
    found = prompt_columns(np.array(rows, np.float32), CONFIG)
    assert tuple(found) == PROMPT_FIELDS
    assert found["creativity_scope"] == [1, 0]
    assert found["constraint_ct"] == [0.5, 0]
    assert found["prompt_complexity_score"] == [0.425, 0]
    assert found["task_type_1"] == ["Chat", "Code"]
    assert found["task_type_2"] == ["NA", "Chat"]
    assert found["task_type_prob"] == [0.965, 0.525]


def test_few_shots_below_a_twentieth_are_none():
    row = logits(0, 0, 0, number_of_few_shots=float(np.log(0.04 / 0.96)))
    found = prompt_columns(np.array([row], np.float32), CONFIG)
    assert found["number_of_few_shots"] == [0]


def test_a_configuration_that_lacks_something_is_refused():
    with pytest.raises(InputError, match="lacks what its heads mean"):
        prompt_columns(np.array([logits(0, 0, 0)], np.float32), {**CONFIG, "weights_map": {}})
