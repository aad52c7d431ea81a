"""What the SDK does when the API limits rates, breaks connections, and as time passes."""

from datetime import datetime, timezone

import pytest
from standin_client import ConnectionFailed, Invalid, TooManyRequests


def test_sdk_waits_and_retries_after_429(api, connect):
    api.fail("GET /platform/v1/clients", status=429, retry_after=7, times=1)
    sdk = connect()
    assert sdk.clients.list()
    assert connect.waited == [7]
    api.assert_called("GET /platform/v1/clients", times=2)
    api.assert_called("GET /platform/v1/clients", status=429, times=1)


def test_sdk_gives_up_after_two_retries(api, connect):
    api.fail("GET /platform/v1/clients", status=429)
    with pytest.raises(TooManyRequests):
        connect().clients.list()
    api.assert_called("GET /platform/v1/clients", times=3)


def test_reset_connection_is_retried_for_reads(api, connect):
    api.fail("GET /platform/v1/clients", reset=True, times=1)
    assert connect().clients.list()
    api.assert_called("GET /platform/v1/clients", times=2)


def test_reset_connection_is_no_second_create(api, connect):
    api.fail("POST /platform/v1/clients", reset=True, times=1)
    with pytest.raises(ConnectionFailed):
        connect().clients.create(first_name="Ada")
    # The response was lost, not the record.
    api.assert_called("POST /platform/v1/clients", times=1, body={"first_name": "Ada"})
    assert [client["first_name"] for client in api.records("client")].count("Ada") == 1


def test_credits_expire_as_time_passes(api, connect):
    sdk = connect(gateway="fallback")
    ids = {name: api.params[name] for name in ("business_id", "client_id", "service_id")}
    booking = connect("client").bookings.create(**ids, start_time="2026-02-09T21:00:00.000Z")
    due = sdk.bookings.payment_request_id(booking)
    assert api.now == datetime(2026, 2, 8, 10, tzinfo=timezone.utc)
    api.advance("2y")
    with pytest.raises(Invalid, match="There is no package to use"):
        sdk.client_packages.redeem(due)


def test_seeded_client_is_listed(api, connect):
    api.seed("client", first_name="Grace", last_name="Hopper", business_uid=api.params["business_uid"])
    assert "Grace" in [client.first_name for client in connect().clients.list(per_page=100)]


def test_failed_check_shows_the_nearest_request(api, connect):
    connect().clients.create(first_name="Ada")
    with pytest.raises(AssertionError) as raised:
        api.assert_called("POST /platform/v1/clients", body={"first_name": "Grace"})
    message = str(raised.value)
    assert 'body/first_name: expected "Grace", received "Ada"' in message
    assert "#1 POST /platform/v1/clients -> 201" in message
    api.assert_not_called("DELETE /platform/v1/clients/{client_id}")
