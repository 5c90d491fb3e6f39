"""FFmpeg's filters in a row, for frames of one size and format."""

from collections.abc import Sequence
from typing import Any


def filters_for(frame: Any, filters: Sequence[tuple[str, str]], *, time_base: Any) -> Any:
    """A graph of PyAV that takes frames like this one and gives what the last filter makes of them.

    Args:
        frame: Of which the size and the format count.
        filters: The name of each, and its options.
        time_base: Unit of the frames' time stamps.
    """
    from av.filter import Graph

    graph: Any = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=time_base
    )
    nodes = [graph.add(name, options) for name, options in filters]
    graph.link_nodes(source, *nodes, graph.add("buffersink")).configure()
    return graph
