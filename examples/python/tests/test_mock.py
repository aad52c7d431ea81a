"""Tests the SDK against the running mock, with the same fixtures, compared by their matching rules."""

import unittest

from standin_client import HttpTransport

from .mock import credentials, http, reset
from .matching import differences
from .suite import FixtureSuite


class Mock(FixtureSuite, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tokens, cls.params = credentials()
        cls.http: HttpTransport = http()

    def reset(self):
        reset()

    def transport(self, interaction, request):
        return self.http

    def check(self, interaction, response, variables):
        self.assertEqual(differences(interaction, response, variables), [])
