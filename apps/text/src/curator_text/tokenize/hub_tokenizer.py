"""Tokenizers of models on the hub, by transformers, which is the caller's to install."""

from collections.abc import Mapping
from typing import Any

from curator_engine.errors import InputError, ResourceError
from curator_engine.models.model_names import check_vocabulary


def load_tokenizer(
    name: str,
    *,
    cache_dir: str | None = None,
    token: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> Any:
    """The tokenizer of a model.

    Args:
        name: Its folder, or its id on the hub.
        cache_dir: Where what is downloaded lies.
        token: Of the hub.
        options: More for transformers.

    Raises:
        ResourceError: transformers is not installed.
        InputError: There is no such model, or it has no tokenizer.
    """
    try:
        import transformers
    except ImportError as error:
        raise ResourceError(
            f"the tokenizer of {name} needs transformers; install curator-text[models], or give a folder "
            "with its tokenizer.json to curator-text tokenize."
        ) from error
    library: Any = transformers
    given = {"cache_dir": cache_dir, "token": token, **(options or {})}
    try:
        found = library.AutoTokenizer.from_pretrained(name, **given)
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"{name!r} has no tokenizer here: {reason}") from error
    check_vocabulary(found, name)
    return found
