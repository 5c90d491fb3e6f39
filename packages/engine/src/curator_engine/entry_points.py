"""What one app offers to another: entry points of the group `curator.stages`.

Apps never import each other. An app that offers a stage declares it in its pyproject:

    [project.entry-points."curator.stages"]
    transcribe = "curator_audio.transcribe:TranscribeSpan"

Who wants it asks for the name; what the stage takes and gives is written where it is asked for.
"""

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from curator_engine.errors import PipelineError, ResourceError

GROUP = "curator.stages"


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
