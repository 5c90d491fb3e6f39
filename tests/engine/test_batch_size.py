"""Less at a time where a GPU's memory is not enough."""

from typing import Any

import pytest

from curator_engine.batch_size import BatchSize, is_out_of_memory
from curator_engine.device import has_gpu
from curator_engine.errors import ResourceError

torch: Any = pytest.importorskip("torch")


def needs(most):
    """Work for which there is memory for so many items."""

    def run(start, end):
        if end - start > most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return list(range(start, end))

    return run


def test_without_trouble_all_is_done_in_spans_of_the_size():
    assert BatchSize(size=4).each(10, needs(4)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_a_span_that_does_not_fit_is_cut_and_nothing_is_left_out_or_done_twice():
    parts = BatchSize(size=8).each(10, needs(3))
    assert [item for part in parts for item in part] == list(range(10))
    assert max(map(len, parts)) == 2


def test_what_was_too_much_once_is_not_tried_again():
    batch = BatchSize(size=8)
    batch.each(10, needs(3))
    assert batch.size == 2


def test_a_call_gets_the_size_that_fits():
    assert BatchSize(size=100, least=3).call(lambda size: needs(7)(0, size)) == [0, 1, 2, 3, 4, 5]


def test_where_the_least_does_not_fit_one_line_says_what_to_do():
    with pytest.raises(
        ResourceError, match=r"memory is not enough for 1 frames .*use device='cpu'"
    ):
        BatchSize(size=8, unit="frames").each(10, needs(0))


def test_other_errors_stay_what_they_are():
    def fails(start, end):
        raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="shapes"):
        BatchSize(size=8).each(10, fails)


@pytest.mark.parametrize(
    "words", ["CUDA error: out of memory", "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"]
)
def test_a_full_gpu_is_known_by_the_words_of_its_libraries(words):
    assert is_out_of_memory(RuntimeError(words))
    assert not is_out_of_memory(RuntimeError("CUDA error: device-side assert triggered"))


@pytest.mark.gpu
@pytest.mark.skipif(not has_gpu(), reason="no GPU here")
def test_a_gpu_that_is_full_takes_less_at_a_time():
    free = torch.cuda.mem_get_info()[0]
    held = torch.empty(free - (256 << 20), dtype=torch.uint8, device="cuda")

    def run(start, end):
        return float(torch.ones((end - start) << 20, dtype=torch.uint8, device="cuda").sum().item())

    batch = BatchSize(size=1024, unit="MiB")
    assert sum(batch.each(2048, run)) == 2048 << 20
    assert batch.size <= 256
    del held
