"""The class behind an import path, where a stage's settings name a model's adapter."""

import importlib
from typing import Any

from curator_engine.errors import SettingsError


def adapter_class(target: str) -> Any:
    """The class that a setting names.

    Args:
        target: Its module and name, with a dot between.

    Raises:
        SettingsError: There is no such class.

    Example:
        >>> adapter_class("curator_audio.models.asr_adapters.RecogniserAdapter")
        <class 'curator_audio.models.asr_adapters.RecogniserAdapter'>
    """
    module, _, name = target.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise SettingsError(
            f"adapter_target={target!r} names no class that can be imported ({error})."
        ) from error
