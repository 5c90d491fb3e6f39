"""What one app offers to another: entry points of the groups `curator.stages` and `curator.compat`.

Apps never import each other. An app that offers a stage declares it in its pyproject:

    [project.entry-points."curator.stages"]
    transcribe = "curator_audio.transcribe:TranscribeSpan"

Who wants it asks for the name; what the stage takes and gives is written where it is asked for.
An app also declares the names of NeMo Curator that it stands for, which `compat.py` looks up.
"""

import logging
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from curator_engine.errors import PipelineError, ResourceError

GROUP = "curator.stages"
NAMES_GROUP = "curator.compat"

type Home = tuple[str, str]
"""A module of ours, and the name in it."""

_log = logging.getLogger(__name__)


def find_stage(name: str, *, package: str) -> Any:
    """The stage class that an installed package offers by this name.

    Args:
        name: Name of the entry point.
        package: Distribution that is known to offer it, for the hint where there is none.

    Raises:
        ResourceError: None is installed, or what it needs is not.
        PipelineError: Several packages offer it, or what one names is not there.
    """
    offers = _distinct(name)
    if not offers:
        raise ResourceError(
            f"nothing installed offers the stage {name!r}; install {package} ('uv pip install {package}')."
        )
    if len(offers) > 1:
        raise PipelineError(
            f"the stage {name!r} is offered by {' and '.join(offers)}; keep one of them installed."
        )
    (value, offer), *_ = offers.items()
    try:
        return offer.load()
    except ImportError as error:
        reason = " ".join(str(error).split())
        raise ResourceError(
            f"the stage {name!r} ({value}) cannot be imported: {reason}. Install {package} with what it needs."
        ) from error
    except AttributeError as error:
        raise PipelineError(
            f"the stage {name!r} is said to be {value}, which is not there; install {package} again."
        ) from error


def _distinct(name: str) -> dict[str, EntryPoint]:
    """The offers by what they name: one that is found twice on the path counts once."""
    return {each.value: each for each in entry_points(group=GROUP, name=name)}


def find_names() -> list[dict[str, dict[str, Home]]]:
    """What each installed app declares of NeMo Curator's names, in the order of the apps' names.

        [project.entry-points."curator.compat"]
        video = "curator_video.nemo_names:OFFERS"

    The object has, for each module of NeMo Curator, its names, each with a module of the app and the name
    in it. What cannot be loaded is left out with a line in the log.
    """
    found: dict[str, EntryPoint] = {each.value: each for each in entry_points(group=NAMES_GROUP)}
    offers: list[dict[str, dict[str, Home]]] = []
    for value, offer in sorted(found.items()):
        try:
            offers.append(offer.load())
        except (ImportError, AttributeError) as error:
            _log.warning(
                "the names in %s cannot be loaded: %s; install its app again.", value, error
            )
    return offers


def same(module: str, *names: str) -> dict[str, Home]:
    """Names that are called the same in a module of ours."""
    return {name: (module, name) for name in names}
