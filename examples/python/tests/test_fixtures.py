"""Tests the SDK against recorded responses, without a network: every JSON fixture, successes and errors."""

from datetime import date
from decimal import Decimal

from standin_client import ApiError, Conflict, Forbidden, Invalid, NotFound, Request, Response, TooManyRequests, Unauthorized

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


class TokenNames(dict):
    """Tokens without a server: the value of each is its name."""

    def get(self, name, default=None):
        return name or default


class FixtureTransport:
    """Returns the response of an interaction to the expected request; any other request fails the test."""

    def __init__(self, interaction, expected):
        self.interaction, self.expected = interaction, expected
        self.headers = {name: value for name, value in expected.headers.items() if name == "prefer"}

    def send(self, request):
        headers = {**request.headers, **self.headers}
        sent = Request(request.gateway, request.method, request.path, request.query, headers, request.body)
        assert sent == self.expected
        return Response(self.interaction["response"]["status"], self.interaction["response"]["body"])


def test_every_fixture(fixture_folder, subtests):
    for fixture in fixtures.fixtures(fixture_folder):
        # Fixtures of quirks can be on paths outside the contract, or send what the SDK never sends.
        if "operation" in fixture and not operations.cannot_send(fixture):
            with subtests.test(fixture["id"]):
                check(fixture)


def test_sdk_and_fixtures_have_the_same_operations(fixture_folder):
    kinds = {operation: set() for operation in operations.CALLS}
    for fixture in fixtures.fixtures(fixture_folder):
        if "operation" in fixture:
            kinds[fixture["operation"]].add(fixture["case"]["kind"])
    assert all({"success", "no-token", "wrong-token"} <= found for found in kinds.values()), kinds


def check(fixture):
    variables = fixtures.given(fixture, {})
    for interaction in fixtures.interactions(fixture):
        request = fixtures.with_references(interaction, variables)
        body = interaction["response"]["body"]
        if interaction.get("operation") in operations.CALLS and not operations.cannot_send(interaction):
            is_default = interaction is fixture and fixture["case"]["kind"] == "success"
            transport = FixtureTransport(interaction, fixtures.as_sent(request, TokenNames()))
            outcome = result(interaction, request, transport, is_default)
            check_outcome(outcome, interaction["response"]["status"], body)
        variables.update(fixtures.captured(interaction, body))
    if fixture["response"]["status"] >= 400:
        assert isinstance(outcome, expected_error(fixture))


def result(interaction, request, transport, is_default_gateway):
    """Returns the result of the SDK's call, or the ApiError it raises."""
    try:
        return operations.call(interaction, request, transport, TokenNames(), is_default_gateway)
    except ApiError as error:
        return error


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


def check_outcome(outcome, status, body):
    """Checks that the SDK has read the response correctly."""
    if status >= 400:
        assert isinstance(outcome, ApiError) and outcome.status == status
        assert outcome.problems and all(problem.message for problem in outcome.problems), body
        return
    # The record, or the list of records, is the only object or list in `data`.
    sent = next(value for value in body["data"].values() if isinstance(value, (dict, list)))
    models, records = (outcome, sent) if isinstance(sent, list) else ([outcome], [sent])
    assert [model.raw for model in models] == records
    for model, record in zip(models, records):
        assert model.id == (record.get("id") or record.get("uid"))
        for name in ("amount", "price"):
            if hasattr(model, name):
                assert getattr(model, name) == Decimal(str(record[name]))
        for name in ("valid_from", "valid_until"):
            if hasattr(model, name):
                assert getattr(model, name) == date.fromisoformat(record[name])
