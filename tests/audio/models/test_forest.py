import pickle
import zlib

import joblib
import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from curator_audio.models.forest import Forest
from curator_engine.errors import InputError

ROWS = np.random.default_rng(0).normal(size=(200, 5))
CLASSES = np.where(ROWS[:, 0] + ROWS[:, 3] > 0, 1, 0) + 2 * (ROWS[:, 1] > 1)


@pytest.mark.parametrize("compress", [0, 3])
@pytest.mark.parametrize(
    "model", [RandomForestClassifier(9, random_state=0), DecisionTreeClassifier(max_leaf_nodes=9)]
)
def test_a_forest_says_what_scikit_learn_says_of_it(tmp_path, model, compress):
    model.fit(ROWS, CLASSES)
    joblib.dump(model, tmp_path / "forest.joblib", compress=compress)
    forest = Forest(tmp_path / "forest.joblib")
    fresh = np.random.default_rng(1).normal(size=(100, 5)).astype(np.float32)
    assert [forest.predict(row) for row in fresh] == model.predict(fresh).tolist()
    with pytest.raises(ValueError, match="5 features"):
        forest.predict(fresh[0, :4])


class Runs:
    def __reduce__(self):
        return print, ("run",)


def saved(path, model) -> bytes:
    joblib.dump(model, path)
    return path.read_bytes()


def test_nothing_of_a_hostile_file_runs(tmp_path, capsys):
    model = RandomForestClassifier(2, random_state=0).fit(ROWS, CLASSES)
    path = tmp_path / "forest.joblib"
    good = saved(path, model)
    other = GradientBoostingClassifier(n_estimators=2).fit(ROWS, CLASSES)
    model.verbose = Runs()
    files = [
        b"",
        b"text",
        good[:-500],
        pickle.dumps(Runs()),
        pickle.dumps([1]),
        zlib.compress(b"text"),
    ]
    files += [saved(path, model), saved(path, other), saved(path, {"a": np.array([Runs()])})]
    for content in files:
        path.write_bytes(content)
        with pytest.raises(InputError, match="holds no forest"):
            Forest(path)
    assert "run" not in capsys.readouterr().out
    with pytest.raises(InputError, match="no such file"):
        Forest(tmp_path / "absent")


def test_a_tree_whose_paths_turn_round_is_refused(tmp_path):
    model = DecisionTreeClassifier(max_depth=2).fit(ROWS, CLASSES)
    path = tmp_path / "tree.joblib"
    good = saved(path, model)
    nodes = model.tree_.__getstate__()["nodes"].copy()
    old = nodes.tobytes()
    for field, value in (("left_child", 0), ("right_child", 99), ("feature", 5)):
        changed = nodes.copy()
        changed[field][0] = value
        assert old in good
        path.write_bytes(good.replace(old, changed.tobytes()))
        with pytest.raises(InputError, match="holds no forest"):
            Forest(path)
