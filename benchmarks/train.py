"""How well and how fast does `train` learn, and its model judge, beside scikit-learn's hashed n-grams and SGD?

Two pairs of corpora: film reviews that praise against those that do not, which differ little, and film reviews against
Python sources, which differ much. Both sides learn from the same texts and are tested on the same others.
"""

import json
import time
from pathlib import Path
from typing import Any

import langid
import numpy as np
import pyarrow as pa
from corpus import real_texts

from curator_engine.executors.local import LocalExecutor
from curator_text.classifier_settings import TrainSettings
from curator_text.models.linear_model import LinearModel
from curator_text.pipelines.train import TrainWorkflow
from curator_text.removal.text_hashes import hash_texts
from curator_text.training.evaluate import auc
from curator_text.training.examples import is_held_out

_LEAST_AUC = {"praise and blame": 0.91, "prose and code": 0.999}
_LEAST_SPEED = 10.0
"""MB per CPU-second that a model judges."""
_JUDGED_BYTES = 40_000_000
_REVIEWS = "movie_reviews.zip"
type Kinds = tuple[list[str], list[str]]


def run(folder: Path, *, quick: bool) -> list[str]:
    """Print the report; returns what does not hold.

    Args:
        folder: For the corpora and the models.
        quick: A tenth of the texts, and nothing is judged.
    """
    wrong = list[str]()
    print("train: area under the curve on texts held out, CPU-seconds to learn")
    for name, kinds in _pairs(quick=quick).items():
        size = sum(len(text.encode()) for texts in kinds for text in texts) / 1e6
        print(f"  {name}: {len(kinds[0]):,} and {len(kinds[1]):,} texts, {size:.1f} MB")
        found = _ours(folder / name, kinds)
        print(f"    train         {found['auc']:.4f}  {found['seconds']:.2f} s")
        theirs, seconds = _scikit_learn(kinds)
        print(f"    scikit-learn  {theirs:.4f}  {seconds:.2f} s")
        print(
            f"    judges {found['speed']:.0f} MB per CPU-second; as before it was saved: {found['same']}"
        )
        if not found["same"]:
            wrong.append(f"train: the model of {name} decides otherwise once it is loaded")
        if not quick and found["auc"] < _LEAST_AUC[name]:
            wrong.append(f"train: area {found['auc']:.4f} of {name}, not {_LEAST_AUC[name]}")
        if not quick and found["speed"] < _LEAST_SPEED:
            wrong.append(f"train: a model judges {found['speed']:.1f} MB per CPU-second of {name}")
    return wrong


def _pairs(*, quick: bool) -> dict[str, Kinds]:
    reviews = [*langid.zipped(_REVIEWS)]
    step = 10 if quick else 1
    praise = [text for name, text in reviews if "/pos/" in name][::step]
    blame = [text for name, text in reviews if "/neg/" in name][::step]
    code = [text for text, _ in zip(real_texts(), range(2000 // step), strict=False)]
    pairs = {"praise and blame": (praise, blame), "prose and code": (praise + blame, code)}
    if not reviews:
        print("  not measured: there are no film reviews here")
        return {}
    return pairs


def _ours(folder: Path, kinds: Kinds) -> dict[str, Any]:
    folder.mkdir()
    paths = [str(folder / name) for name in ("good.jsonl", "bad.jsonl")]
    for path, texts in zip(paths, kinds, strict=True):
        Path(path).write_text("".join(json.dumps({"text": each}) + "\n" for each in texts), "utf-8")
    settings = TrainSettings(inputs=paths, output=str(folder / "model"))
    warm = TrainSettings(inputs=paths, output=str(folder / "warm"), bits=8, epochs=1)
    TrainWorkflow(settings=warm).run(LocalExecutor())
    start = time.process_time()
    facts = TrainWorkflow(settings=settings).run(LocalExecutor({"workers": 1})).metadata
    seconds = time.process_time() - start
    model = LinearModel.load(settings.output)
    texts = pa.array([text for some in kinds for text in some], pa.large_string())
    before = LinearModel.of_bytes(model.to_bytes(), "it").scores(texts)
    many = pa.concat_arrays([texts] * max(1, _JUDGED_BYTES // texts.nbytes))
    start = time.process_time()
    after = model.scores(many)[: len(texts)]
    speed = many.nbytes / 1e6 / (time.process_time() - start)
    same = bool((before == after).all())
    return {"auc": facts["held_out"]["auc"], "seconds": seconds, "speed": speed, "same": same}


def _scikit_learn(kinds: Kinds) -> tuple[float, float]:
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import SGDClassifier

    texts = [text for some in kinds for text in some]
    labels = np.repeat([1, 0], [len(some) for some in kinds])
    out = is_held_out(hash_texts(pa.array(texts, pa.large_string()))[0][:, 0], 0.2)
    start = time.process_time()
    hashed: Any = HashingVectorizer(ngram_range=(1, 2), alternate_sign=False)
    rows = hashed.transform(texts)
    model: Any = SGDClassifier(loss="log_loss", random_state=0).fit(rows[~out], labels[~out])
    seconds = time.process_time() - start
    scores, tested = model.decision_function(rows[out]), labels[out]
    return auc(np.sort(scores[tested == 1]), np.sort(scores[tested == 0])), seconds
