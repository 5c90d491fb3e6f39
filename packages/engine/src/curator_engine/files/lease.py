"""A lease: keeps two runs apart where there is no lock, as on object stores.

    .curator/lease.json     who holds it; written again every 30 s, so an old one belongs to a dead run

`output_folder.py` uses it where flock is not to be had.
"""

import json
import os
import platform
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from curator_engine.errors import InputError
from curator_engine.files.paths import file_system_of, is_remote

RENEW_SECONDS = 30.0
STALE_SECONDS = 120.0
"""Age from which a lease is taken over: four renewals were missed."""


class Lease:
    """The lease on a folder, held until `release`.

    Args:
        path: The file of the lease, local or remote.
        folder: The folder that it is for, as messages name it.

    Raises:
        InputError: Another run holds it.
    """

    def __init__(self, path: str, folder: str) -> None:
        self._path, self._folder = path, folder
        self._id = uuid4().hex
        self.taken_over = ""
        """Who held it before, if it was taken over from a dead run."""
        self._acquire()
        self._ended = threading.Event()
        self._renewing = threading.Thread(target=self._renew, name="curator-lease", daemon=True)
        self._renewing.start()

    def release(self) -> None:
        """Give it back."""
        self._ended.set()
        self._renewing.join()
        with suppress(OSError):
            if self._holder().get("id") == self._id:
                _remove(self._path)

    def _acquire(self) -> None:
        if _write(self._path, self._text(), mode="create"):
            return
        # The tag first: what is written after it was looked at is not written over.
        tag, holder = _tag(self._path), self._holder()
        age = time.time() - holder.get("time", 0.0)
        who = f"process {holder.get('pid', '?')} on {holder.get('host', '?')}"
        if age < STALE_SECONDS or not _write(self._path, self._text(), mode="replace", tag=tag):
            raise InputError(
                f"another run, {who}, is writing into {self._folder}; wait until it ends (a dead one "
                f"is noticed after {STALE_SECONDS:.0f} s), or choose another output folder."
            )
        self.taken_over = f"{who}, silent for {age:.0f} s"

    def _renew(self) -> None:
        while not self._ended.wait(RENEW_SECONDS):
            try:
                tag = _tag(self._path)
                mine = self._holder().get("id") == self._id
                mine = mine and _write(self._path, self._text(), mode="replace", tag=tag)
            except OSError:
                # A connection that is lost for a while; others may take over after two minutes.
                continue
            if not mine:
                # Another run took us for dead and writes here: two must not.
                ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
                os.kill(os.getpid(), signal.SIGTERM if ignored else signal.SIGINT)
                return

    def _text(self) -> bytes:
        record = {"id": self._id, "pid": os.getpid(), "host": platform.node(), "time": time.time()}
        return json.dumps(record).encode()

    def _holder(self) -> dict[str, Any]:
        try:
            record = json.loads(_read(self._path))
        except (FileNotFoundError, ValueError):
            return {}
        return record if isinstance(record, dict) else {}


def _read(path: str) -> bytes:
    if is_remote(path):
        fs, name = file_system_of(path)
        return fs.cat_file(name)
    return Path(path).read_bytes()


def _remove(path: str) -> None:
    if is_remote(path):
        fs, name = file_system_of(path)
        fs.rm_file(name)
        return
    Path(path).unlink(missing_ok=True)


def _tag(path: str) -> str:
    """What changes on an object store whenever the object is written; "" where it has no such thing."""
    if not is_remote(path):
        return ""
    fs, name = file_system_of(path)
    fs.invalidate_cache()
    try:
        return str(fs.info(name).get("ETag") or "")
    except FileNotFoundError:
        return ""


def _write(path: str, data: bytes, *, mode: str, tag: str = "") -> bool:
    """Write if nothing is there ("create"), or what is there has the tag ("replace"); whether it was."""
    if not is_remote(path):
        return _write_local(Path(path), data, mode=mode)
    fs, name = file_system_of(path)
    protocol = fs.protocol if isinstance(fs.protocol, str) else fs.protocol[0]
    try:
        if protocol in ("s3", "s3a"):
            fs.pipe_file(name, data, **({"IfMatch": tag} if tag else {"mode": "create"}))
        elif mode == "create" and fs.exists(name):
            return False
        else:
            fs.pipe_file(name, data)
    except FileExistsError:
        return False
    except OSError as error:
        if _code(error) in ("PreconditionFailed", "ConditionalRequestConflict"):
            return False
        raise
    return True


def _code(error: OSError) -> str:
    """What the object store calls its refusal, which s3fs turns into an error of the system's."""
    answer: Any = getattr(error.__cause__, "response", {})
    return str(answer.get("Error", {}).get("Code", ""))


def _write_local(place: Path, data: bytes, *, mode: str) -> bool:
    place.parent.mkdir(parents=True, exist_ok=True)
    scratch = place.with_name(f"{place.name}.{uuid4().hex}")
    try:
        scratch.write_bytes(data)
        if mode == "create":
            # Nobody may see it empty: an empty lease would look like that of a dead run.
            place.hardlink_to(scratch)
        else:
            scratch.replace(place)
    except FileExistsError:
        return False
    finally:
        scratch.unlink(missing_ok=True)
    return True
