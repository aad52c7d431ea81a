"""Tests a workflow of an application with the SDK, from end to end."""

import unittest
from datetime import date
from decimal import Decimal

from standin_client import InTandem, Invalid, NotFound, Unauthorized

from .mock import credentials, http, reset


class PackageSale(unittest.TestCase):
    def setUp(self):
        reset()
        self.tokens, self.params = credentials()
        self.api = InTandem(http(), token=self.tokens["staff"], gateway="fallback")

    def test_sell_extend_and_read_package(self):
        ada = self.api.clients.create(first_name="Ada", last_name="Byron", email="ada@example.com")
        self.assertEqual(self.api.clients.get(ada.id).email, "ada@example.com")

        package = next(package for package in self.api.packages.list() if package.name == "10 Music Lessons")
        sold = self.api.client_packages.create(client_id=ada.id, package_id=package.id, price="120.0")
        self.assertEqual((sold.client_id, sold.package_id, sold.amount), (ada.id, package.id, Decimal("120.0")))
        self.assertTrue(sold.credits)

        # The sale creates a payment request, which is overdue at once.
        request = self.api.payment_requests.get(sold.payment_request_id)
        self.assertEqual((request.amount, request.state, request.payable_id), (Decimal("120.0"), "overdue", sold.id))
        self.assertIn(request.id, [listed.id for listed in self.api.payment_requests.list(per_page=100)])

        until = date(sold.valid_from.year + 1, 12, 31)
        self.api.client_packages.update(sold.id, {"valid_until": until.isoformat()})
        again = self.api.client_packages.get(sold.id)
        self.assertEqual((again.valid_until, again.valid_from, again.amount), (until, sold.valid_from, sold.amount))
        self.assertEqual(again.credits, sold.credits)
        self.assertEqual(again.payment_request_id, request.id)

    def test_rejected_update_changes_nothing(self):
        ada = self.api.clients.create(first_name="Ada")
        package = self.api.packages.list()[0]
        sold = self.api.client_packages.create(client_id=ada.id, package_id=package.id)
        before = self.api.client_packages.get(sold.id)
        with self.assertRaises(Invalid) as raised:
            self.api.client_packages.update(sold.id, {"valid_until": "1999-12-31"})
        self.assertEqual(raised.exception.problems[0].field, "valid_until")
        self.assertEqual(self.api.client_packages.get(sold.id), before)

    def test_package_of_another_business_is_not_found(self):
        ada = self.api.clients.create(first_name="Ada")
        package = self.api.packages.list()[0]
        sold = self.api.client_packages.create(client_id=ada.id, package_id=package.id)
        rival = InTandem(http(), token=self.tokens["staff_rival"])
        with self.assertRaises(NotFound):
            rival.client_packages.get(sold.id)

    def test_main_gateway_rejects_packages_that_fallback_serves(self):
        api_on_main = InTandem(http(), token=self.tokens["staff"], gateway="main")
        with self.assertRaises(Unauthorized):
            api_on_main.packages.list()
        self.assertTrue(self.api.packages.list())
