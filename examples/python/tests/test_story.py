"""What an application does with the SDK, from end to end."""

import unittest
from datetime import date
from decimal import Decimal

from standin_client import InTandem, Invalid, NotFound, Unauthorized

from .mock import credentials, http, reset


class SellingAPackage(unittest.TestCase):
    def setUp(self):
        reset()
        self.tokens, self.params = credentials()
        self.api = InTandem(http(), token=self.tokens["staff"], gateway="fallback")

    def test_a_package_is_sold_extended_and_read_back(self):
        ada = self.api.clients.create(first_name="Ada", last_name="Byron", email="ada@example.com")
        self.assertEqual(self.api.clients.get(ada.id).email, "ada@example.com")

        package = next(one for one in self.api.packages.list() if one.name == "10 Music Lessons")
        sold = self.api.client_packages.create(client_id=ada.id, package_id=package.id, price="120.0")
        self.assertEqual((sold.client_id, sold.package_id, sold.amount), (ada.id, package.id, Decimal("120.0")))
        self.assertTrue(sold.credits)

        # Nobody asked for it: what was sold is owed from the day it is sold.
        owed = self.api.payment_requests.get(sold.payment_request_id)
        self.assertEqual((owed.amount, owed.state, owed.payable_id), (Decimal("120.0"), "overdue", sold.id))
        self.assertIn(owed.id, [one.id for one in self.api.payment_requests.list(per_page=100)])

        until = date(sold.valid_from.year + 1, 12, 31)
        self.api.client_packages.update(sold.id, {"valid_until": until.isoformat()})
        again = self.api.client_packages.get(sold.id)
        self.assertEqual((again.valid_until, again.valid_from, again.amount), (until, sold.valid_from, sold.amount))
        self.assertEqual(again.credits, sold.credits)
        self.assertEqual(again.payment_request_id, owed.id)

    def test_a_refused_update_changes_nothing(self):
        ada = self.api.clients.create(first_name="Ada")
        package = self.api.packages.list()[0]
        sold = self.api.client_packages.create(client_id=ada.id, package_id=package.id)
        before = self.api.client_packages.get(sold.id)
        with self.assertRaises(Invalid) as refused:
            self.api.client_packages.update(sold.id, {"valid_until": "1999-12-31"})
        self.assertEqual(refused.exception.problems[0].field, "valid_until")
        self.assertEqual(self.api.client_packages.get(sold.id), before)

    def test_what_another_business_owns_is_not_found(self):
        ada = self.api.clients.create(first_name="Ada")
        package = self.api.packages.list()[0]
        sold = self.api.client_packages.create(client_id=ada.id, package_id=package.id)
        rival = InTandem(http(), token=self.tokens["staff_rival"])
        with self.assertRaises(NotFound):
            rival.client_packages.get(sold.id)

    def test_the_main_gateway_refuses_what_the_fallback_serves(self):
        everything_through_main = InTandem(http(), token=self.tokens["staff"], gateway="main")
        with self.assertRaises(Unauthorized):
            everything_through_main.packages.list()
        self.assertTrue(self.api.packages.list())
