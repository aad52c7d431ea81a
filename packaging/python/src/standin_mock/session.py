"""A session: one isolated world of a server."""

from __future__ import annotations

from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .requests import ReceivedRequest, describe_failure

if TYPE_CHECKING:
    from .server import Server

# The journal lists at most so many requests.
MAX_LISTED = 10_000


class Session:
    """A session with records, ids, clock, faults and requests of its own."""

    def __init__(self, server: Server, id: str) -> None:
        self.server = server
        self.id = id
        self.url = server.url + self._prefix
        """The base URL of the default gateway. It selects the session."""
        self.urls = {name: self.url + url.removeprefix(server.url) for name, url in server.ready["urls"].items()}
        """The base URL of each gateway, by its name in `standin.yaml`."""

    @property
    def _prefix(self) -> str:
        return "" if self.id == "default" else f"/s/{self.id}"

    def token(self, name: str) -> str:
        """Returns the value of a token, by its name in the scenario."""
        return _named("token", name, self.server.tokens)

    def authorization(self, name: str) -> str:
        """Returns the value of the Authorization header for a token."""
        authorizations: dict[str, str] = self.server.ready["authorizations"]
        return _named("token", name, authorizations)

    def headers(self, token: str | None = None) -> dict[str, str]:
        """Returns the header that selects the session, and the Authorization header for a token."""
        headers = {"X-Standin-Session": self.id}
        return headers if token is None else headers | {"Authorization": self.authorization(token)}

    @property
    def params(self) -> dict[str, str]:
        """Ids of records of the scenario, by the names that `standin tokens` shows."""
        return self.server.params

    def seed(self, kind: str, record: dict[str, Any] | None = None, /, **fields: Any) -> dict[str, Any]:
        """Creates a record of a kind, in the singular, and returns it with its id and defaults."""
        created: dict[str, Any] = self._send("POST", f"/records/{kind}", {**(record or {}), **fields})
        return created

    def record(self, kind: str, id: str) -> dict[str, Any]:
        """Returns a record. Raises ControlError if it does not exist."""
        found: dict[str, Any] = self._send("GET", f"/records/{kind}/{quote(id, safe='')}")
        return found

    def records(self, kind: str) -> list[dict[str, Any]]:
        """Returns all records of a kind."""
        found: list[dict[str, Any]] = self._send("GET", f"/records/{kind}")["records"]
        return found

    @property
    def now(self) -> datetime:
        """The time of the session's clock."""
        return _time(self._send("GET", "/clock"))

    def advance(self, span: str) -> datetime:
        """Moves the clock on by a span such as "3d" (ms, s, min, h, d, w, m, y) and returns the time."""
        return _time(self._send("PUT", "/clock", {"advance": span}))

    def set_clock(
        self, now: datetime | str | None = None, *, frozen: bool | None = None, speed: float | None = None
    ) -> datetime:
        """Sets the clock and returns the time. A time needs a zone."""
        text = now.isoformat() if isinstance(now, datetime) else now
        return _time(self._send("PUT", "/clock", _given(now=text, frozen=frozen, speed=speed)))

    def fail(
        self,
        operation: str,
        *,
        status: int | None = None,
        retry_after: int | None = None,
        body: Any = None,
        delay_ms: int | None = None,
        reset: bool = False,
        timeout: bool = False,
        times: int | None = None,
        nth: int | None = None,
        probability: float | None = None,
        token: str | None = None,
    ) -> str:
        """Lets requests of an operation (`GET /v1/orders/{id}`, or a pattern such as `* /v1/**`) fail; returns the fault's id.

        Exactly one of `status`, `delay_ms`, `reset` and `timeout` says how. `times` is the number of requests after which the
        fault ends, `nth` the only request that fails. `add_fault` takes all kinds of faults.
        """
        kinds: dict[str, Any] = {}
        if status is not None:
            kinds["status"] = _given(code=status, retry_after=retry_after, body=body)
        if delay_ms is not None:
            kinds["latency"] = {"ms": delay_ms}
        if reset:
            kinds["reset_peer"] = {}
        if timeout:
            kinds["timeout"] = {}
        if len(kinds) != 1:
            raise ValueError("name one of status, delay_ms, reset and timeout")
        match = _given(operation=operation, count=times, nth=nth, probability=probability, token=token)
        return self.add_fault({**match, **kinds})

    def add_fault(self, fault: dict[str, Any]) -> str:
        """Adds a fault as the control API has it, such as {"path": "/v1/**", "limit_data": {"bytes": 10}}; returns its id."""
        return str(self._send("POST", "/faults", fault)["id"])

    def clear_faults(self) -> None:
        """Removes all faults."""
        self._send("DELETE", "/faults")

    @property
    def requests(self) -> list[ReceivedRequest]:
        """The requests that were received, oldest first."""
        listed = self._send("GET", f"/requests?limit={MAX_LISTED}")["requests"]
        return [ReceivedRequest.read(raw) for raw in listed]

    def assert_called(
        self,
        operation: str | None = None,
        *,
        times: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        method: str | None = None,
        path: str | None = None,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        body: Any = None,
        body_path: str | None = None,
        status: int | str | None = None,
        token: str | None = None,
    ) -> None:
        """Checks how often requests were received that match all that is given; by default, at least once.

        `operation` can be a pattern, `body` a part of the JSON body, `body_path` a JSONPath that must find something,
        `status` a status such as 404 or "4xx", `token` a kind of token.
        """
        __tracebackhide__ = True
        match = _given(
            operation=operation,
            method=method,
            path=path,
            query=query,
            headers=headers,
            body=body,
            body_path=body_path,
            status=status,
            token=token,
        )
        count = _given(exactly=times, at_least=at_least, at_most=at_most) or {"at_least": 1}
        claim = {"match": match, "count": count}
        result = self._send("POST", "/requests/verify", claim)
        if result["verdict"] != "passed":
            raise AssertionError(describe_failure(self.id, claim, result, self.requests))

    def assert_not_called(self, operation: str | None = None, **conditions: Any) -> None:
        """Checks that no request matches; the conditions are those of `assert_called`."""
        __tracebackhide__ = True
        self.assert_called(operation, times=0, **conditions)

    def reset(self) -> None:
        """Restores the initial state."""
        self._send("POST", "/reset")

    def fork(self) -> Session:
        """Creates a session that begins with the current state of this one."""
        return self.server.session(fork_of=self.id)

    def delete(self) -> None:
        """Deletes the session."""
        self._send("DELETE", "")

    def _send(self, method: str, path: str, body: object = None) -> Any:
        return self.server.control.send(method, f"/sessions/{self.id}{path}", body)

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.delete()

    def __repr__(self) -> str:
        return f"Session({self.url!r})"


def _given(**values: Any) -> dict[str, Any]:
    """Returns the values that are not None."""
    return {name: value for name, value in values.items() if value is not None}


def _named(what: str, name: str, values: dict[str, str]) -> str:
    try:
        return values[name]
    except KeyError:
        raise KeyError(f"there is no {what} {name!r}; there are {', '.join(values) or 'none'}") from None


def _time(clock: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(clock["now"].replace("Z", "+00:00"))
