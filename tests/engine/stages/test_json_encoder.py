import json
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from curator_engine.stages.json_encoder import JsonEncoderCustom


def test_what_json_has_no_form_for_is_written():
    record = {"id": UUID(int=1), "path": Path("a/b"), "n": np.float32(0.5), "v": np.arange(2)}
    assert json.loads(json.dumps(record, cls=JsonEncoderCustom)) == {
        "id": str(UUID(int=1)),
        "path": "a/b",
        "n": 0.5,
        "v": [0, 1],
    }


def test_other_kinds_are_an_error():
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps({"x": object()}, cls=JsonEncoderCustom)
