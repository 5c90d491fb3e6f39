"""Runs of the job that classifies."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from curator_engine.executors.local import LocalExecutor
from curator_text.classifier_settings import ClassifySettings
from curator_text.models.linear_model import LinearModel, lowered
from curator_text.pipelines.classify import ClassifyWorkflow
from curator_text.training.read_ngrams import Ngrams


def write_linear(folder: Path) -> str:
    """A model to which `casino` is bad and all else is a little good."""
    weights = np.full(1 << 10, 2000, np.int16)
    places, _ = Ngrams(order=1, bits=10).places(*lowered(pa.array(["casino"])))
    weights[places] = -32000
    folder.mkdir(parents=True, exist_ok=True)
    LinearModel(weights=weights, exponent=-11, bias=0.0, order=1).save(
        f"{folder}/model.safetensors"
    )
    return str(folder)


def classify_into(source: Path | str, out: Path | str, **settings: Any) -> dict[str, Any]:
    """Run the workflow; its facts."""
    given = ClassifySettings(inputs=[str(source)], output=str(out), **settings)
    executor = LocalExecutor({"workers": 1, "on_error": "quarantine"})
    return ClassifyWorkflow(settings=given).run(executor).metadata
