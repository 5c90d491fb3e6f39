"""NeMo Curator's encoder for `json.dumps(..., cls=...)`: ids, paths and numpy's values in records of one's own."""

import json
from pathlib import PurePath
from typing import Any
from uuid import UUID

import numpy as np


class JsonEncoderCustom(json.JSONEncoder):
    """Writes ids and paths as texts, numpy's numbers and arrays as numbers and lists.

    Example:
        >>> json.dumps({"id": UUID(int=1)}, cls=JsonEncoderCustom)
        '{"id": "00000000-0000-0000-0000-000000000001"}'
    """

    def default(self, o: Any) -> Any:
        """What stands for a value that JSON has no form for.

        Raises:
            TypeError: It is of another kind.
        """
        if isinstance(o, UUID | PurePath):
            return str(o)
        if isinstance(o, np.generic | np.ndarray):
            return o.tolist()
        return super().default(o)
