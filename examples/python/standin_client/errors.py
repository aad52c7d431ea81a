"""Refusals of the API as exceptions, whichever way the family of the path writes them."""

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a request."""

    message: str
    code: Optional[str] = None
    field: Optional[str] = None


class ApiError(Exception):
    """The API has refused. `status` is as it came; what it means is said by the class."""

    def __init__(self, status, problems, body):
        super().__init__(f"{status}: " + "; ".join(problem.message for problem in problems))
        self.status, self.problems, self.body = status, problems, body


class Unauthorized(ApiError):
    """The token is missing, not known, or of a kind that is not served there."""


class Forbidden(ApiError):
    """The business lacks the feature."""


class NotFound(ApiError):
    """What the path names does not exist."""


class Conflict(ApiError):
    """There is such a record already."""


class Invalid(ApiError):
    """A value is missing, of another type, out of range, or names nothing that exists."""


class TooManyRequests(ApiError):
    """Try again later."""


BY_STATUS = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: Invalid,
    429: TooManyRequests,
}
# /platform/* writes a refused token with status 422, and payment requests write an unknown id so.
BY_MESSAGE_OF_422 = {"Unauthorized": Unauthorized, "Not Found": NotFound}


def error_of(status, body):
    """The exception for an answer."""
    problems = problems_of(body)
    kind = BY_STATUS.get(status, ApiError)
    if status == 422 and len(problems) == 1:
        kind = BY_MESSAGE_OF_422.get(problems[0].message, kind)
    return kind(status, problems, body)


def problems_of(body):
    """What an envelope says.

    /business/*            {"success": false, "errors": [{"code": …, "message": …, "field": …}]}
    /platform/*            {"status": "Error", "error": …, "error_code": …}
    a feature that lacks   {"status": "module_permission_missing", "message": "403 Forbidden"}
    """
    if not isinstance(body, dict):
        return [Problem(str(body))]
    if isinstance(body.get("errors"), list):
        return [Problem(one.get("message", ""), one.get("code"), one.get("field")) for one in body["errors"]]
    if "error" in body:
        return [Problem(body["error"], body.get("error_code"))]
    return [Problem(body.get("message", ""), body.get("status"))]
