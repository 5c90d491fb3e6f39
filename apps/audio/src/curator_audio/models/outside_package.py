"""Packages that run models and are outside of our lock: a user installs them beside ours."""

import importlib
from typing import Any

from curator_engine.errors import ResourceError


def outside_package(module: str, distribution: str) -> Any:
    """A module of a package that we do not bring.

    Args:
        module: Its import path.
        distribution: What is installed to have it.

    Raises:
        ResourceError: It is not installed.

    Example:
        >>> outside_package("nemo.collections.asr.models", "nemo_toolkit[asr]").ASRModel
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ResourceError(
            f"this model needs {distribution}, which curator-audio does not bring; install it beside it."
        ) from error
