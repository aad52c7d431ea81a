"""Error responses as exceptions. The API uses several JSON envelopes for errors, depending on the path."""

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Problem:
    """One error of a response: what is wrong with the request, and the field it is about."""

    message: str
    code: Optional[str] = None
    field: Optional[str] = None


class ApiError(Exception):
    """An error response. `status` is the HTTP status; the class tells the meaning, which can differ from it."""

    def __init__(self, status, problems, body):
        super().__init__(f"{status}: " + "; ".join(problem.message for problem in problems))
        self.status, self.problems, self.body = status, problems, body


class Unauthorized(ApiError):
    """The token is missing, unknown, or of a kind that the operation does not accept."""


class Forbidden(ApiError):
    """The business does not have the feature."""


class NotFound(ApiError):
    """The record in the path does not exist."""


class Conflict(ApiError):
    """The record exists already."""


class Invalid(ApiError):
    """A value is missing, has the wrong type, is out of range, or refers to a missing record."""


class TooManyRequests(ApiError):
    """The rate limit is exceeded; try again later."""


BY_STATUS = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: Invalid,
    429: TooManyRequests,
}
# /platform/* rejects a token with status 422; payment requests return it for an unknown id.
BY_MESSAGE_OF_422 = {"Unauthorized": Unauthorized, "Not Found": NotFound}


def error_of(status, body):
    """Returns the exception for an error response."""
    problems = problems_of(body)
    kind = BY_STATUS.get(status, ApiError)
    if status == 422 and len(problems) == 1:
        kind = BY_MESSAGE_OF_422.get(problems[0].message, kind)
    return kind(status, problems, body)


def problems_of(body):
    """Reads the errors from any of the three envelopes.

    /business/*            {"success": false, "errors": [{"code": …, "message": …, "field": …}]}
    /platform/*            {"status": "Error", "error": …, "error_code": …}
    missing feature        {"status": "module_permission_missing", "message": "403 Forbidden"}
    """
    if not isinstance(body, dict):
        return [Problem(str(body))]
    if isinstance(body.get("errors"), list):
        return [Problem(error.get("message", ""), error.get("code"), error.get("field")) for error in body["errors"]]
    if "error" in body:
        return [Problem(body["error"], body.get("error_code"))]
    return [Problem(body.get("message", ""), body.get("status"))]
