"""A mock server for tests: starts `standin` and controls it.

    with standin_mock.start("--swagger", "my-api/") as server, server.session() as api:
        api.fail("GET /v1/orders", status=429, times=1)
        ...
        api.assert_called("GET /v1/orders", times=2)

The pytest plugin provides the fixtures `standin` (a server) and `api` (a session for one test).
"""

from .control import ControlError
from .process import StartError, find_standin, start
from .requests import ReceivedRequest
from .server import Server
from .session import Session

__all__ = [
    "ControlError",
    "ReceivedRequest",
    "Server",
    "Session",
    "StartError",
    "find_standin",
    "start",
]
