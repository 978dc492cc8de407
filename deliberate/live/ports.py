"""Is the port free, and if not, who holds it?"""

from __future__ import annotations

import socket
from pathlib import Path

from deliberate.core.errors import DeliberateError


def check_port(host: str, port: int) -> None:
    """Raise DeliberateError, naming who holds the port, if it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise DeliberateError(
                f"Port {port} may not be used.",
                "Ports below 1024 are for the system.",
                f"Choose another one: PORT={8000 if port != 8000 else 8001} make run",
                "serve.port",
            ) from None
        except OSError as error:
            who = holder(port)
            raise DeliberateError(
                f"Port {port} is taken{f' by {who}' if who else ''}.",
                f"{error.strerror}.",
                f"Stop that program, or choose another port: PORT={port + 1} make run",
                "serve.port",
            ) from None


def holder(port: int) -> str:
    """Which process listens on the port, where the system tells: ``python3 (pid 4711)``."""
    wanted = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = [line.split() for line in Path(table).read_text().splitlines()[1:]]
        except OSError:
            return ""
        wanted |= {row[9] for row in rows if int(row[1].rsplit(":", 1)[1], 16) == port and row[3] == "0A"}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            links = {str(link.readlink()) for link in (process / "fd").iterdir()}
            if links & {f"socket:[{inode}]" for inode in wanted}:
                return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
        except OSError:
            continue
    return ""
