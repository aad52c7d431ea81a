"""Requests that a session has received."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ReceivedRequest:
    """A request and its response, without credentials. `raw` is the entry of the journal."""

    seq: int
    method: str
    path: str
    operation: str | None
    status: int
    headers: dict[str, str]
    body: Any
    response_body: Any
    raw: dict[str, Any]

    @classmethod
    def read(cls, raw: dict[str, Any]) -> ReceivedRequest:
        request, response = raw["request"], raw["response"]
        return cls(
            seq=raw["seq"],
            method=raw["method"],
            path=raw["path"],
            operation=raw.get("operation"),
            status=raw["status"],
            headers=_headers(request),
            body=_body(request),
            response_body=_body(response),
            raw=raw,
        )

    def __str__(self) -> str:
        return f"#{self.seq} {self.method} {self.path} -> {self.status}"


def _headers(message: dict[str, Any]) -> dict[str, str]:
    headers: dict[str, str | list[str]] = message.get("headers") or {}
    return {name: value if isinstance(value, str) else ", ".join(value) for name, value in headers.items()}


def _body(message: dict[str, Any]) -> Any:
    body = message.get("body") or {}
    return next((body[form] for form in ("json", "text", "base64") if form in body), None)


def describe_failure(session: str, claim: dict[str, Any], result: dict[str, Any], received: list[ReceivedRequest]) -> str:
    """Returns the message of a claim that is false: the nearest requests with their differences, and the last ones."""
    count, conditions = claim["count"], json.dumps(claim["match"], ensure_ascii=False)
    lines = [f"expected {_count_text(count)} matching {conditions}, received {result['matched']} in the session {session}"]
    if result["verdict"] == "inconclusive":
        lines.append(f"inconclusive: the journal has dropped {result['evicted']} requests")
    if result["nearest"]:
        lines += ["", "nearest:"]
    for miss in result["nearest"]:
        lines.append(f"  #{miss['seq']} {miss['request']}")
        for difference in miss["differences"]:
            expected, actual = (json.dumps(difference[name], ensure_ascii=False) for name in ("expected", "actual"))
            lines.append(f"      {difference['at']}: expected {expected}, received {actual}")
    lines += ["", "received:" + ("" if received else " nothing")]
    lines += [f"  {request}" for request in received[-20:]]
    return "\n".join(lines)


def _count_text(count: dict[str, int]) -> str:
    if "exactly" in count:
        return f"exactly {count['exactly']} request{'' if count['exactly'] == 1 else 's'}"
    names = {"at_least": "at least", "at_most": "at most"}
    return " and ".join(f"{names[name]} {number}" for name, number in count.items()) + " requests"
