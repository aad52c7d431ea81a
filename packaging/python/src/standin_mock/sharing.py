"""One server for all workers of pytest-xdist.

The process that starts the workers listens on a socket. A worker sends its options; the first one with those options has the
server started, which the process stops at its end.
"""

from __future__ import annotations

import secrets
import threading
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

from .process import StartError, start
from .server import Server

Address = tuple[str, int, str]


class Servers:
    """The servers of the process that starts the workers, by their options."""

    def __init__(self) -> None:
        key = secrets.token_hex(16)
        self._listener = Listener(("127.0.0.1", 0), authkey=key.encode())
        host, port = self._listener.address
        self.address: Address = (str(host), int(port), key)
        self._started: dict[tuple[str, ...], Server | StartError] = {}
        threading.Thread(target=self._serve, name="standin", daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except AuthenticationError:
                continue  # Another program has connected.
            except (OSError, EOFError):
                return
            with connection:
                self._respond(connection)

    def _respond(self, connection: Connection) -> None:
        try:
            options = tuple(connection.recv())
            if options not in self._started:
                self._started[options] = _started(options)
            found = self._started[options]
            connection.send({"error": str(found)} if isinstance(found, StartError) else {"ready": found.ready})
        except (OSError, EOFError):
            return

    def close(self) -> None:
        """Stops all servers."""
        self._listener.close()
        for server in self._started.values():
            if isinstance(server, Server):
                server.stop()


def _started(options: tuple[str, ...]) -> Server | StartError:
    try:
        return start(*options)
    except StartError as error:
        return error


def request_server(address: Address, options: list[str]) -> dict[str, Any]:
    """Returns what the server with these options has printed when it was ready. Raises StartError if it has not started."""
    host, port, key = address
    with Client((host, port), authkey=key.encode()) as connection:
        connection.send(options)
        answer: dict[str, Any] = connection.recv()
    if "error" in answer:
        raise StartError(answer["error"])
    ready: dict[str, Any] = answer["ready"]
    return ready
