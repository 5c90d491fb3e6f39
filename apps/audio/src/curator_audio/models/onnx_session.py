"""Open models with onnxruntime: those that lie in an installed package, which is not imported, and files."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import onnxruntime

from curator_engine.errors import InputError, ResourceError

_ERRORS: Any = import_module("onnxruntime.capi.onnxruntime_pybind11_state")
_REFUSED: tuple[type[Exception], ...] = (
    *(_ERRORS.Fail, _ERRORS.InvalidArgument, _ERRORS.InvalidGraph, _ERRORS.InvalidProtobuf),
    *(_ERRORS.NoModel, _ERRORS.NotImplemented, _ERRORS.RuntimeException),
)
"""The library's errors for files that it cannot open; they have no base of their own."""


def package_file(package: str, name: str) -> Path:
    """A file of an installed package.

    Args:
        package: As it is imported.
        name: The file's path in its folder.

    Raises:
        ResourceError: It is not installed, or has no such file.
    """
    spec = find_spec(package)
    folders = (spec.submodule_search_locations if spec else None) or []
    for folder in folders:
        if (path := Path(folder) / name).is_file():
            return path
    raise ResourceError(
        f"{name} of the package {package} is not there; install curator-audio again, which brings it."
    )


def package_session(package: str, name: str) -> onnxruntime.InferenceSession:
    """A session on one thread, so that its numbers are the same on every machine of a kind.

    As many workers as there are CPUs run beside each other.

    Raises:
        ResourceError: The package is not installed, or has no such file.
    """
    path = package_file(package, name)
    return onnxruntime.InferenceSession(
        str(path), _one_thread(), providers=["CPUExecutionProvider"]
    )


def file_session(
    path: Path, *, what: str, gpu: bool = False, device_id: int = 0
) -> onnxruntime.InferenceSession:
    """A session with a model of the user's, on one thread of the CPU, or on a GPU where there is one.

    Args:
        path: The file.
        what: The model that it should hold, for messages.
        gpu: Compute on a GPU if this onnxruntime can.
        device_id: Which one.

    Raises:
        InputError: There is no such file, or it holds no model.
    """
    if not path.is_file():
        raise InputError(f"{path}: there is no such file with {what}; check the path.")
    providers: list[Any] = ["CPUExecutionProvider"]
    if gpu and "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        providers.insert(0, ("CUDAExecutionProvider", {"device_id": str(device_id)}))
    try:
        return onnxruntime.InferenceSession(str(path), _one_thread(), providers=providers)
    except _REFUSED as error:
        raise InputError(
            f"{path} holds no model that can be opened ({what}); check the path."
        ) from error


def _one_thread() -> Any:
    options: Any = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Errors come as exceptions; warnings of the library's own are no trouble of the user's.
    options.log_severity_level = 3
    return options
