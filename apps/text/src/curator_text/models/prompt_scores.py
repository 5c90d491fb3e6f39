"""What the classifier of prompts says: the task, and how complex a prompt is, from the logits of its heads.

Its `config.json` has the size of each head (`target_sizes`), the names of tasks (`task_type_map`), and what each class
of the other heads counts (`weights_map`, `divisor_map`).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import InputError

TASK_FIELDS = ("task_type_1", "task_type_2", "task_type_prob")
SCORES = (
    "creativity_scope",
    "reasoning",
    "contextual_knowledge",
    "number_of_few_shots",
    "domain_knowledge",
    "no_label_reason",
    "constraint_ct",
)
"""In the order of the heads, behind that of tasks."""
COMPLEXITY = {
    "creativity_scope": 0.35,
    "reasoning": 0.25,
    "constraint_ct": 0.15,
    "domain_knowledge": 0.15,
    "contextual_knowledge": 0.05,
    "number_of_few_shots": 0.05,
}
"""What each score counts in `prompt_complexity_score`; from the card of the model."""
PROMPT_FIELDS = ("prompt_complexity_score", *TASK_FIELDS, *SCORES)
_LEAST_SECOND, _LEAST_SHOTS = 0.1, 0.05


def prompt_columns(logits: NDArray[np.float32], config: dict[str, Any]) -> dict[str, list[Any]]:
    """The columns of `PROMPT_FIELDS`, each of length (texts,).

    Args:
        logits: Of all heads side by side, shape (texts, outputs).
        config: Of the model.

    Raises:
        InputError: The configuration lacks something.
    """
    try:
        sizes = [int(size) for size in config["target_sizes"].values()]
        parts = np.split(logits, np.cumsum(sizes)[:-1], axis=1) if len(logits) else []
        if not parts:
            return {name: [] for name in PROMPT_FIELDS}
        found: dict[str, list[Any]] = _tasks(_softmax(parts[0]), config["task_type_map"])
        for name, part in zip(SCORES, parts[1:], strict=True):
            weights = np.array(config["weights_map"][name], np.float64)
            values = (_softmax(part) * weights).sum(axis=1) / float(config["divisor_map"][name])
            found[name] = [round(each, 4) for each in values.tolist()]
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise InputError(f"the model's config.json lacks what its heads mean ({error}).") from error
    shots = found["number_of_few_shots"]
    found["number_of_few_shots"] = [each if each >= _LEAST_SHOTS else 0.0 for each in shots]
    rows = zip(*(found[name] for name in COMPLEXITY), strict=True)
    shares = COMPLEXITY.values()
    found["prompt_complexity_score"] = [
        round(sum(share * each for share, each in zip(shares, row, strict=True)), 5) for row in rows
    ]
    return {name: found[name] for name in PROMPT_FIELDS}


def _tasks(probs: NDArray[np.float64], names: dict[str, str]) -> dict[str, list[Any]]:
    """The two likeliest tasks; NA for a second one that is not likely."""
    best = np.argsort(-probs, axis=1, kind="stable")[:, :2].tolist()
    rows = list(range(len(probs)))
    second = [round(float(probs[i, best[i][1]]), 3) for i in rows]
    return {
        "task_type_1": [names[str(first)] for first, _ in best],
        "task_type_2": [
            names[str(each)] if prob >= _LEAST_SECOND else "NA"
            for (_, each), prob in zip(best, second, strict=True)
        ],
        "task_type_prob": [round(float(probs[i, best[i][0]]), 3) for i in rows],
    }


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
