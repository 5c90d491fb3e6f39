"""What a person gets who installs an app without extras, by what the packages themselves ask for."""

from importlib.metadata import PackageNotFoundError, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HEAVY = {"torch", "cudf-cu13", "vllm", "transformers", "tensorflow"}


def _needed(root: str) -> set[str]:
    """All packages that come with one, as its own metadata and theirs say."""
    found, left = set[str](), [(root, "")]
    while left:
        name, extra = left.pop()
        try:
            lines = requires(name) or []
        except PackageNotFoundError:
            # Of another platform.
            continue
        for each in map(Requirement, lines):
            if each.marker is None or each.marker.evaluate({"extra": extra}):
                wanted = [(each.name, ""), *((each.name, one) for one in each.extras)]
                new = [
                    pair
                    for pair in wanted
                    if f"{canonicalize_name(pair[0])}[{pair[1]}]" not in found
                ]
                found.update(f"{canonicalize_name(pair[0])}[{pair[1]}]" for pair in new)
                left += new
    return {name.partition("[")[0] for name in found}


@pytest.mark.parametrize("app", ["text", "video", "image", "audio"])
def test_an_app_without_extras_brings_nothing_heavy(app: str) -> None:
    assert not _needed(f"curator-{app}") & HEAVY


def test_what_a_package_asks_for_is_seen() -> None:
    assert "torch" in _needed("silero-vad")
