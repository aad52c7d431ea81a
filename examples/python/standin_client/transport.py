"""Sends requests to the API. The SDK uses only `Transport.send`, so that tests can pass their own transport."""

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Request:
    """A request. `gateway` is "main" or "fallback", the path is percent-encoded, header names are lower-case."""

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
    retry_after: int = 0


class Transport(Protocol):
    def send(self, request: Request) -> Response:
        """Returns the response, whatever its status; raises ConnectionFailed without one."""


class ConnectionFailed(Exception):
    """The server cannot be reached, or does not respond in time."""


class HttpTransport:
    """Sends requests over HTTP, with one base URL for each gateway.

    A request that is rejected with 429 is sent again after the time that the response names, and a GET without a response at
    once; both at most `retries` times.
    """

    def __init__(self, main, fallback, retries=2, sleep=time.sleep):
        self.bases = {"main": main.rstrip("/"), "fallback": fallback.rstrip("/")}
        self.retries, self.sleep = retries, sleep

    def send(self, request):
        for _ in range(self.retries):
            try:
                response = self.send_once(request)
            except ConnectionFailed:
                if request.method != "GET":
                    raise
                continue
            if response.status != 429:
                return response
            self.sleep(response.retry_after)
        return self.send_once(request)

    def send_once(self, request):
        url = self.bases[request.gateway] + request.path
        if request.query:
            url += "?" + urlencode(request.query)
        body = None if request.body is None else json.dumps(request.body).encode()
        http = urllib.request.Request(url, data=body, headers=request.headers, method=request.method)
        try:
            with urllib.request.urlopen(http, timeout=TIMEOUT_SECONDS) as response:
                return Response(response.status, parsed(response.read()))
        except urllib.error.HTTPError as error:
            with error:
                return Response(error.code, parsed(error.read()), int(error.headers.get("Retry-After", 0)))
        except OSError as error:
            raise ConnectionFailed(f"no response from {url}: {error}") from error


def parsed(body):
    """Returns a body parsed as JSON, or as text if it is not JSON."""
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode(errors="replace")
