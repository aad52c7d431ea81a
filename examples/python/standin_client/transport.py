"""How requests get to the API. The SDK knows one method of a transport, so that tests may bring their own."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Request:
    """What is sent: `gateway` is "main" or "fallback", the path is percent-encoded, header names have small letters."""

    gateway: str
    method: str
    path: str
    query: dict
    headers: dict
    body: Any


@dataclass(frozen=True)
class Response:
    status: int
    body: Any


class Transport(Protocol):
    def send(self, request: Request) -> Response:
        """The answer, whatever its status."""


class NoAnswer(Exception):
    """The server cannot be reached, or does not answer in time."""


class HttpTransport:
    """Over HTTP, with a base URL for each gateway."""

    def __init__(self, main, fallback):
        self.bases = {"main": main.rstrip("/"), "fallback": fallback.rstrip("/")}

    def send(self, request):
        url = self.bases[request.gateway] + request.path
        if request.query:
            url += "?" + urlencode(request.query)
        body = None if request.body is None else json.dumps(request.body).encode()
        http = urllib.request.Request(url, data=body, headers=request.headers, method=request.method)
        try:
            with urllib.request.urlopen(http, timeout=TIMEOUT_SECONDS) as answer:
                return Response(answer.status, parsed(answer.read()))
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Response(refusal.code, parsed(refusal.read()))
        except OSError as error:
            raise NoAnswer(f"no answer from {url}: {error}") from error


def parsed(body):
    """A body as JSON, or as text where it is none."""
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode(errors="replace")
