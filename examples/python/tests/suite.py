"""One suite for both: every fixture is played through the SDK, with recorded answers or in front of the mock."""

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

# What an application has to be able to catch. /platform/* writes a refused token with 422 and payment requests write an
# unknown id so; fixtures say by their case which of them it is.
ERRORS = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: Invalid,
    429: TooManyRequests,
}


def expected_error(fixture):
    status, case = fixture["response"]["status"], fixture["case"]
    if case["kind"] in ("no-token", "wrong-token", "wrong-gateway"):
        return Unauthorized
    if case["kind"] == "unknown-reference" and case["at"].startswith("/path/"):
        return NotFound
    # The step of a proof says what it is about in the name of its quirk only.
    if case["kind"] == "proof" and status == 422:
        return ApiError
    return ERRORS.get(status, ApiError)


class Recorder:
    """Passes requests on, with headers that the SDK knows nothing of, and keeps what was said last."""

    def __init__(self, transport, headers):
        self.transport, self.headers = transport, headers
        self.sent = self.response = None

    def send(self, request):
        headers = {**request.headers, **self.headers}
        self.sent = Request(request.gateway, request.method, request.path, request.query, headers, request.body)
        self.response = self.transport.send(self.sent)
        return self.response


class FixtureSuite:
    """To be mixed into a TestCase that says where answers come from.

    `transport(interaction, request)` gives a transport for one request, or None where nothing can be sent; `fresh()`
    brings back the start; `tokens` and `params` are those of the server.
    """

    maxDiff = None
    tokens: dict
    params: dict

    def fresh(self):
        raise NotImplementedError

    def transport(self, interaction, request):
        raise NotImplementedError

    def check(self, interaction, response, variables):
        raise NotImplementedError

    def test_every_fixture(self):
        for fixture in fixtures.fixtures():
            # Quirks about paths that are no operation are none of the SDK's concern.
            if "operation" not in fixture:
                continue
            with self.subTest(fixture["id"]):
                why = operations.cannot_send(fixture)
                if why:
                    self.skipTest(why)
                self.play(fixture)

    def play(self, fixture):
        self.fresh()
        variables = fixtures.given(fixture, self.params)
        for interaction in fixtures.interactions(fixture):
            request = fixtures.with_references(interaction, variables)
            is_point = interaction is fixture
            is_ours = interaction.get("operation") in operations.CALLS and not operations.cannot_send(interaction)
            expected = fixtures.as_sent(request, self.tokens)
            recorder = Recorder(self.transport(interaction, expected), prefer(request))
            if not is_ours:
                response = recorder.send(expected)
            else:
                is_default = is_point and fixture["case"]["kind"] == "success"
                outcome = self.outcome(interaction, request, recorder, is_default)
                response = recorder.response
                self.assertEqual(recorder.sent, expected)
            self.check(interaction, response, variables)
            if is_ours:
                self.judge(outcome, response)
            variables.update(fixtures.captured(interaction, response.body))
        if fixture["response"]["status"] >= 400:
            self.assertIsInstance(outcome, expected_error(fixture))

    def outcome(self, interaction, request, recorder, is_default_gateway):
        """What the SDK returns, or the refusal it raises."""
        try:
            return operations.call(interaction, request, recorder, self.tokens, is_default_gateway)
        except ApiError as refusal:
            return refusal

    def judge(self, outcome, response):
        """Whether the SDK has understood an answer."""
        if response.status >= 400:
            self.assertIsInstance(outcome, ApiError)
            self.assertEqual(outcome.status, response.status)
            self.assertTrue(outcome.problems and all(problem.message for problem in outcome.problems), response.body)
            return
        # Beside the record there may be a token for it: the record is the only object or list.
        told = next(value for value in response.body["data"].values() if isinstance(value, (dict, list)))
        found, told = (outcome, told) if isinstance(told, list) else ([outcome], [told])
        self.assertEqual([one.raw for one in found], told)
        for one, raw in zip(found, told):
            self.assertEqual(one.id, raw.get("id") or raw.get("uid"))
            for name in ("amount", "price"):
                if hasattr(one, name):
                    self.assertEqual(getattr(one, name), Decimal(str(raw[name])))
            for name in ("valid_from", "valid_until"):
                if hasattr(one, name):
                    self.assertEqual(getattr(one, name), date.fromisoformat(raw[name]))


def prefer(request):
    """The header with which a mock is asked for an answer that is documented and that no request is known to bring."""
    return {name: value for name, value in request.get("headers", {}).items() if name == "prefer"}
