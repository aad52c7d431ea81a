"""A running server."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

from .control import Control
from .session import Session


class Server:
    """A running `standin serve`. `ready` is what it prints with --ready-json."""

    def __init__(self, ready: dict[str, Any], stop: Callable[[], None] | None = None) -> None:
        self.ready = ready
        self.url: str = ready["url"]
        self.control_url: str = ready["control_url"]
        self.tokens: dict[str, str] = ready["tokens"]
        self.params: dict[str, str] = ready["params"]
        self.control = Control(self.control_url, ready.get("admin_token"))
        self._stop = stop

    @property
    def default(self) -> Session:
        """The session of requests that select none."""
        return Session(self, "default")

    def session(self, id: str | None = None, *, fork_of: str = "default") -> Session:
        """Creates a session that begins with the current state of another one. Raises ControlError if the id is in use."""
        body = {"from": fork_of} | ({"id": id} if id else {})
        return Session(self, self.control.send("POST", "/sessions", body)["id"])

    def stop(self) -> None:
        """Stops the process, if this object has started it."""
        if self._stop:
            self._stop()
        self._stop = None

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
