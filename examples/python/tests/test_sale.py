"""An application's workflow: sell a package, book a lesson, redeem a credit for it, pay."""

from datetime import date
from decimal import Decimal

import pytest
from standin_client import Invalid, NotFound, Unauthorized

# Four workers of pytest-xdist run these at the same time against one mock.
ROUNDS = pytest.mark.parametrize("round", range(8))


@pytest.fixture
def sdk(connect):
    return connect(gateway="fallback")


def lessons(sdk):
    return next(package for package in sdk.packages.list() if package.name == "10 Music Lessons")


def book(api, client_id):
    ids = {"business_id": api.params["business_id"], "service_id": api.params["service_id"], "client_id": client_id}
    return {**ids, "start_time": "2026-02-09T21:00:00.000Z"}


@ROUNDS
def test_sold_package_pays_a_lesson_with_a_credit(api, connect, sdk, round):
    client_id, before = api.params["client_id"], len(api.records("client_package"))
    sold = sdk.client_packages.create(client_id=client_id, package_id=lessons(sdk).id, price="120.0")
    assert (sold.amount, sold.credits[0].used) == (Decimal("120.0"), 0)

    booking = connect("client").bookings.create(**book(api, client_id))
    due = sdk.bookings.payment_request_id(booking)
    assert (sdk.payment_requests.get(due).state, sdk.payment_requests.get(due).amount) == ("pending", Decimal("15.0"))

    assert sdk.client_packages.redeem(due) == "10 Music Lessons"
    assert (sdk.payment_requests.get(due).state, sdk.payment_requests.get(due).amount) == ("paid", Decimal("0.0"))
    with pytest.raises(Invalid, match="already paid"):
        sdk.client_packages.redeem(due)
    sdk.client_packages.cancel_redemption(due)
    assert sdk.payment_requests.get(due).state == "pending"

    # Other rounds sell theirs in other sessions.
    assert len(api.records("client_package")) == before + 1
    api.assert_called("POST /platform/v1/payment/client_packages", times=1, body={"price": "120.0"}, status=201)
    api.assert_called("POST /platform/v1/payment/client_packages/update_usage", times=2)


@ROUNDS
def test_paid_package_is_paid(api, sdk, round):
    sold = sdk.client_packages.create(client_id=api.params["client_id"], package_id=lessons(sdk).id, price=120)
    request = sdk.payment_requests.get(sold.payment_request_id)
    assert (request.amount, request.state, request.payable_id) == (Decimal(120), "overdue", sold.id)
    sdk.payment_requests.pay(request.id, 120)
    assert sdk.payment_requests.get(request.id).state == "paid"


def test_extended_package_keeps_its_credits(sdk, api):
    ada = sdk.clients.create(first_name="Ada", last_name="Byron", email="ada@example.com")
    assert sdk.clients.get(ada.id).email == "ada@example.com"
    sold = sdk.client_packages.create(client_id=ada.id, package_id=lessons(sdk).id)
    until = date(sold.valid_from.year + 1, 12, 31)
    sdk.client_packages.update(sold.id, {"valid_until": until.isoformat()})
    again = sdk.client_packages.get(sold.id)
    assert (again.valid_until, again.valid_from, again.credits) == (until, sold.valid_from, sold.credits)


def test_rejected_update_changes_nothing(sdk, api):
    sold = sdk.client_packages.create(client_id=api.params["client_id"], package_id=lessons(sdk).id)
    before = sdk.client_packages.get(sold.id)
    with pytest.raises(Invalid) as raised:
        sdk.client_packages.update(sold.id, {"valid_until": "1999-12-31"})
    assert raised.value.problems[0].field == "valid_until"
    assert sdk.client_packages.get(sold.id) == before


def test_package_of_another_business_is_not_found(sdk, api, connect):
    sold = sdk.client_packages.create(client_id=api.params["client_id"], package_id=lessons(sdk).id)
    with pytest.raises(NotFound):
        connect("staff_rival").client_packages.get(sold.id)


def test_main_gateway_rejects_packages_that_fallback_serves(connect):
    with pytest.raises(Unauthorized):
        connect(gateway="main").packages.list()
    assert connect(gateway="fallback").packages.list()
