"""The SDK against recorded answers, without a network."""

import unittest

from standin_client import Response

from . import fixtures, operations
from .suite import FixtureSuite


class NameIsToken(dict):
    """Without a server the name of a token does for its value."""

    def get(self, name, default=None):
        return name or default


class FixtureTransport:
    """Answers one request as the fixture has it, and takes no other."""

    def __init__(self, test, interaction, expected):
        self.test, self.interaction, self.expected = test, interaction, expected

    def send(self, request):
        self.test.assertEqual(request, self.expected)
        return Response(self.interaction["response"]["status"], self.interaction["response"]["body"])


class Recorded(FixtureSuite, unittest.TestCase):
    tokens, params = NameIsToken(), {}

    def fresh(self):
        """Nothing is remembered."""

    def transport(self, interaction, request):
        return FixtureTransport(self, interaction, request)

    def check(self, interaction, response, variables):
        """The answer is the fixture's own."""

    def test_the_sdk_and_the_fixtures_have_the_same_operations(self):
        found = {fixture["operation"] for fixture in fixtures.fixtures() if "operation" in fixture}
        self.assertEqual(found, set(operations.CALLS))

    def test_every_operation_succeeds_and_is_refused_without_a_token(self):
        for operation in operations.CALLS:
            own = [fixture for fixture in fixtures.fixtures() if fixture.get("operation") == operation]
            kinds = {fixture["case"]["kind"] for fixture in own}
            with self.subTest(operation):
                self.assertLessEqual({"success", "no-token", "wrong-token"}, kinds)
