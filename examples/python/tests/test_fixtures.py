"""Tests the SDK against recorded responses, without a network."""

import unittest

from standin_client import Response

from . import fixtures, operations
from .suite import FixtureSuite


class TokenNames(dict):
    """Tokens without a server: the value of each is its name."""

    def get(self, name, default=None):
        return name or default


class FixtureTransport:
    """Returns the fixture's response to the expected request; any other request fails the test."""

    def __init__(self, test, interaction, expected):
        self.test, self.interaction, self.expected = test, interaction, expected

    def send(self, request):
        self.test.assertEqual(request, self.expected)
        return Response(self.interaction["response"]["status"], self.interaction["response"]["body"])


class Recorded(FixtureSuite, unittest.TestCase):
    tokens, params = TokenNames(), {}

    def reset(self):
        """Nothing to do: recorded responses have no state."""

    def transport(self, interaction, request):
        return FixtureTransport(self, interaction, request)

    def check(self, interaction, response, variables):
        """Nothing to do: the response is that of the fixture."""

    def test_sdk_and_fixtures_have_the_same_operations(self):
        found = {fixture["operation"] for fixture in fixtures.fixtures() if "operation" in fixture}
        self.assertEqual(found, set(operations.CALLS))

    def test_every_operation_has_fixtures_of_success_and_of_rejected_tokens(self):
        for operation in operations.CALLS:
            matching = [fixture for fixture in fixtures.fixtures() if fixture.get("operation") == operation]
            kinds = {fixture["case"]["kind"] for fixture in matching}
            with self.subTest(operation):
                self.assertLessEqual({"success", "no-token", "wrong-token"}, kinds)
