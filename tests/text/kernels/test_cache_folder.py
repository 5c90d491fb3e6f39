"""Where compiled kernels are kept."""

import os
import subprocess
import sys
import tempfile

from curator_text.kernels.cache_folder import cache_folder


def test_kernels_are_kept_in_the_users_cache(tmp_path):
    code = (
        "from curator_text.kernels import hash_kernels; import numba; print(numba.config.CACHE_DIR)"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=True
    )
    assert done.stdout.decode().startswith(str(tmp_path))
    assert cache_folder().name.startswith("kernels-")


def test_kernels_are_kept_among_temporary_files_where_the_home_cannot_be_written(
    tmp_path, monkeypatch
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = cache_folder.__wrapped__()
    assert found.parent == tmp_path / f"curator-{os.getuid()}"
    assert found.parent.stat().st_mode & 0o777 == 0o700


def test_kernels_are_kept_nowhere_rather_than_where_others_may_write(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    shared = tmp_path / f"curator-{os.getuid()}"
    shared.mkdir()
    shared.chmod(0o777)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert cache_folder.__wrapped__() is None
