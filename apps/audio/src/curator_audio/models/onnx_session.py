"""Open a model that lies in an installed package, with onnxruntime; the package itself is not imported."""

from importlib.util import find_spec
from pathlib import Path

import onnxruntime

from curator_engine.errors import ResourceError


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
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Errors come as exceptions; warnings of the library's own are no trouble of the user's.
    options.log_severity_level = 3
    path = package_file(package, name)
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
