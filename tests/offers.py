"""A package that offers stages to other apps, installed by a test into a folder on sys.path."""

from pathlib import Path


def install(
    folder: Path,
    name: str,
    *,
    offers: dict[str, str],
    source: str = "",
    group: str = "curator.stages",
) -> None:
    """Write a distribution: its metadata, its entry points and one module.

    Args:
        folder: Must be on sys.path.
        name: Of the distribution and of the module.
        offers: Name and value of each entry point in the group.
        source: The module's code.
        group: Of the entry points.
    """
    facts = folder / f"{name}-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [f"{each} = {value}" for each, value in offers.items()]
    (facts / "entry_points.txt").write_text("\n".join([f"[{group}]", *lines, ""]))
    (folder / f"{name}.py").write_text(source)
