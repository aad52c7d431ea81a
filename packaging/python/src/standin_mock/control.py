"""Requests to the control API."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

TIMEOUT_SECONDS = 30

# A proxy of the environment must not be used for a server on this machine.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ControlError(Exception):
    """The control API has rejected a request. The message says what to write instead."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Control:
    """The control API of a server."""

    def __init__(self, url: str, admin_token: str | None = None) -> None:
        self.url = url
        self._headers = {"Authorization": f"Bearer {admin_token}"} if admin_token else {}

    def send(self, method: str, path: str, body: object = None) -> Any:
        """Returns the JSON body of the response, or None if it is empty; raises ControlError for an error."""
        headers = dict(self._headers)
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        try:
            with _opener.open(request, timeout=TIMEOUT_SECONDS) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            with error:
                raise ControlError(error.code, _describe(error.read())) from None
        return json.loads(text) if text else None


def _describe(problem: bytes) -> str:
    """Returns the detail of a problem document, and each of its errors."""
    try:
        document = json.loads(problem)
    except ValueError:
        return problem.decode(errors="replace")
    lines = [document.get("detail", "")]
    lines += [f"  {error['pointer']}: {error['detail']}" for error in document.get("errors", [])]
    return "\n".join(lines)
