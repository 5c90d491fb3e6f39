from curator_engine.compiled import kernel


def _twice(x):
    return 2 * x


def test_a_kernel_is_kept_on_disk_and_runs_without_the_lock():
    compiled = kernel(_twice)
    assert compiled.py_func is _twice
    assert compiled.targetoptions["nogil"]
    assert compiled.stats.cache_path
