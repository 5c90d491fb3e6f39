"""The communicator of a worker that is alone."""

import numpy as np
import pytest

from curator_engine.communicator import Alone, Communicator


def test_a_worker_alone_gets_its_own_back():
    alone: Communicator = Alone()
    array = np.arange(3)
    alone.barrier()
    assert (alone.rank, alone.size) == (0, 1)
    assert alone.broadcast(array).tolist() == alone.all_reduce(array).tolist() == [0, 1, 2]


def test_a_sum_may_be_written_to_without_harm_to_the_parts():
    array = np.arange(3)
    Alone().all_reduce(array)[0] = 9
    assert array[0] == 0


def test_a_root_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="root=1, but the only worker is 0"):
        Alone().broadcast(np.arange(3), root=1)
