"""The device that vectors are computed on."""

import numpy as np
import pytest

from curator_engine.errors import ResourceError
from curator_engine.stages.device import choose_device, has_gpu, to_device, to_numpy


def test_auto_is_what_is_there():
    assert choose_device("auto") == ("gpu" if has_gpu() else "cpu")


def test_the_cpu_can_always_be_chosen():
    assert choose_device("cpu") == "cpu"


def test_a_gpu_that_is_not_there_is_an_error_that_says_so():
    if not has_gpu():
        with pytest.raises(ResourceError, match="there is no GPU here; use auto or cpu"):
            choose_device("gpu")


def test_on_the_cpu_numpy_computes_on_the_matrix_itself():
    matrix = np.ones((2, 3), np.float32)
    module, array = to_device(matrix, "cpu")
    assert module is np
    assert to_numpy(array) is matrix
