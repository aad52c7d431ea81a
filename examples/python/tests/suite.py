"""The suite that both test cases share: runs every fixture through the SDK, with recorded responses or the mock."""

from datetime import date
from decimal import Decimal

from standin_client import (
    ApiError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Request,
    TooManyRequests,
    Unauthorized,
)

from . import fixtures, operations

# The exception for each status. A 422 can also mean a rejected token or an unknown id; the fixture's case tells which.
ERRORS = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: Invalid,
    429: TooManyRequests,
}


def expected_error(fixture):
    """Returns the class of exception that the SDK should raise for a fixture with an error response."""
    status, case = fixture["response"]["status"], fixture["case"]
    if case["kind"] in ("no-token", "wrong-token", "wrong-gateway"):
        return Unauthorized
    if case["kind"] == "unknown-reference" and case["at"].startswith("/path/"):
        return NotFound
    # A step of a quirk's proof has no more precise case.
    if case["kind"] == "proof" and status == 422:
        return ApiError
    return ERRORS.get(status, ApiError)


class Recorder:
    """Forwards requests with additional headers and stores the last request and response."""

    def __init__(self, transport, headers):
        self.transport, self.headers = transport, headers
        self.sent = self.response = None

    def send(self, request):
        headers = {**request.headers, **self.headers}
        self.sent = Request(request.gateway, request.method, request.path, request.query, headers, request.body)
        self.response = self.transport.send(self.sent)
        return self.response


class FixtureSuite:
    """A mixin for a TestCase that provides the responses.

    `transport(interaction, request)` returns the transport for one request; `reset()` restores the initial state;
    `check(interaction, response, variables)` compares a response with the fixture; `tokens` and `params` are those of
    the server.
    """

    maxDiff = None
    tokens: dict
    params: dict

    def reset(self):
        raise NotImplementedError

    def transport(self, interaction, request):
        raise NotImplementedError

    def check(self, interaction, response, variables):
        raise NotImplementedError

    def test_every_fixture(self):
        for fixture in fixtures.fixtures():
            # Fixtures of quirks on paths outside the contract.
            if "operation" not in fixture:
                continue
            with self.subTest(fixture["id"]):
                reason = operations.cannot_send(fixture)
                if reason:
                    self.skipTest(reason)
                self.run_fixture(fixture)

    def run_fixture(self, fixture):
        self.reset()
        variables = fixtures.given(fixture, self.params)
        for interaction in fixtures.interactions(fixture):
            request = fixtures.with_references(interaction, variables)
            is_subject = interaction is fixture
            in_sdk = interaction.get("operation") in operations.CALLS and not operations.cannot_send(interaction)
            expected = fixtures.as_sent(request, self.tokens)
            recorder = Recorder(self.transport(interaction, expected), prefer(request))
            if not in_sdk:
                response = recorder.send(expected)
            else:
                is_default = is_subject and fixture["case"]["kind"] == "success"
                outcome = self.outcome(interaction, request, recorder, is_default)
                response = recorder.response
                self.assertEqual(recorder.sent, expected)
            self.check(interaction, response, variables)
            if in_sdk:
                self.check_outcome(outcome, response)
            variables.update(fixtures.captured(interaction, response.body))
        if fixture["response"]["status"] >= 400:
            self.assertIsInstance(outcome, expected_error(fixture))

    def outcome(self, interaction, request, recorder, is_default_gateway):
        """Returns the result of the SDK's call, or the ApiError it raises."""
        try:
            return operations.call(interaction, request, recorder, self.tokens, is_default_gateway)
        except ApiError as error:
            return error

    def check_outcome(self, outcome, response):
        """Checks that the SDK has read the response correctly."""
        if response.status >= 400:
            self.assertIsInstance(outcome, ApiError)
            self.assertEqual(outcome.status, response.status)
            self.assertTrue(outcome.problems and all(problem.message for problem in outcome.problems), response.body)
            return
        # The record, or the list of records, is the only object or list in `data`.
        sent = next(value for value in response.body["data"].values() if isinstance(value, (dict, list)))
        models, records = (outcome, sent) if isinstance(sent, list) else ([outcome], [sent])
        self.assertEqual([model.raw for model in models], records)
        for model, record in zip(models, records):
            self.assertEqual(model.id, record.get("id") or record.get("uid"))
            for name in ("amount", "price"):
                if hasattr(model, name):
                    self.assertEqual(getattr(model, name), Decimal(str(record[name])))
            for name in ("valid_from", "valid_until"):
                if hasattr(model, name):
                    self.assertEqual(getattr(model, name), date.fromisoformat(record[name]))


def prefer(request):
    """Returns the `Prefer` header, which selects a documented response that no known request causes."""
    return {name: value for name, value in request.get("headers", {}).items() if name == "prefer"}
