"""Ports of this machine's loopback address, for servers that a script starts."""

import socket
from collections.abc import Collection
from contextlib import suppress

from curator_engine.errors import ResourceError

HERE = "127.0.0.1"


def free_port(start: int, *, search: bool, but: Collection[int] = (), host: str = HERE) -> int:
    """A port at which nobody listens.

    Args:
        start: The first that is tried.
        search: Try those above it as well.
        but: Not one of these.
        host: The address.

    Raises:
        ResourceError: There is none.
    """
    for port in range(start, 65536 if search else start + 1):
        if port in but:
            continue
        with socket.socket() as knock:
            knock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                knock.bind((host, port))
                return port
    raise ResourceError(f"port {start} is taken; choose another.")
