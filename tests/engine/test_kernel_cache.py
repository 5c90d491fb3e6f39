"""Where compiled kernels are kept."""

import os
import subprocess
import sys
import tempfile

from curator_engine.kernel_cache import cache_folder, kernel_files


def test_kernels_are_kept_in_the_users_cache(tmp_path):
    code = (
        "import numba; from curator_text.kernels.hash_kernels import count_characters as count; "
        "print(count.stats.cache_path, numba.config.CACHE_DIR)"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=True
    )
    folder, setting = done.stdout.decode().rstrip("\n").split(" ")
    assert folder == str(tmp_path / "curator" / cache_folder("curator_text").name)
    assert setting == os.environ.get("NUMBA_CACHE_DIR", "")


def test_kernels_are_kept_among_temporary_files_where_the_home_cannot_be_written(
    tmp_path, monkeypatch
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = cache_folder.__wrapped__("curator_text")
    assert found.parent == tmp_path / f"curator-{os.getuid()}"
    assert found.parent.stat().st_mode & 0o777 == 0o700


def test_kernels_are_kept_nowhere_rather_than_where_others_may_write(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    shared = tmp_path / f"curator-{os.getuid()}"
    shared.mkdir()
    shared.chmod(0o777)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert cache_folder.__wrapped__("curator_text") is None


def test_a_change_of_any_kernel_that_may_be_called_makes_those_of_an_app_stale():
    found = {file.name for file in kernel_files("curator_image")}
    assert {"align_kernels.py", "luma_kernels.py", "sharpness_kernels.py"} <= found
    assert "hash_kernels.py" not in found


def test_kernels_of_apps_lie_apart():
    assert cache_folder("curator_image") != cache_folder("curator_audio")
