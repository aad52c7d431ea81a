"""Uses the mock with the official `stripe` package: use_stripe.py ORIGIN. tests/clients/sdk.sh runs it."""

import sys

import stripe
from life import expect, expect_error, expect_values, live, page_through

client = stripe.StripeClient("sk_test_1", base_addresses={"api": sys.argv[1]}, max_network_retries=0).v1


def gone(call):
    error = expect_error("deleted", stripe.InvalidRequestError, call, http_status=404)
    expect("type of the error", error.error.type, "invalid_request_error")
    expect("whether the error has a message", bool(error.user_message), True)


def life_of(kind, service, sent, changed):
    live(
        kind,
        id="id",
        create=lambda: service.create(sent),
        read=service.retrieve,
        list=lambda: service.list({"limit": 3}).auto_paging_iter(),
        update=lambda key: service.update(key, changed),
        delete=lambda key: expect(f"{kind} is deleted", service.delete(key).deleted, True),
        sent={**flat(sent), "object": kind},
        changed=flat(changed),
        gone=gone,
    )


def flat(parameters):
    """Nested parameters by their paths: `{"address.city": "Bern"}`."""
    paths = {}
    for name, value in parameters.items():
        if isinstance(value, dict):
            paths.update({f"{name}.{below}": inner for below, inner in flat(value).items()})
        else:
            paths[name] = value
    return paths


life_of(
    "customer",
    client.customers,
    {"email": "ann@example.com", "name": "Ann", "address": {"city": "Bern"}, "metadata": {"level": "gold"}},
    {"email": "bea@example.com"},
)
life_of(
    "product",
    client.products,
    {"name": "Rowing boat", "active": True, "metadata": {"seats": "4"}},
    {"name": "Sailing boat", "active": False},
)
life_of(
    "plan",
    client.plans,
    {"amount": 999, "currency": "chf", "interval": "month", "nickname": "Summer"},
    {"nickname": "Winter"},
)
life_of("coupon", client.coupons, {"percent_off": 12.5, "duration": "once", "name": "First"}, {"name": "Second"})
expect("chosen id", client.coupons.create({"id": "SPRING", "duration": "forever"}).id, "SPRING")
expect("coupon by its chosen id", client.coupons.retrieve("SPRING").duration, "forever")

# A subscription refers to its customer by id, and shows the plan inside each item.
customer = client.customers.create({"name": "Cleo"})
product = client.products.create({"name": "Kayak"})
plan = client.plans.create({"amount": 500, "currency": "chf", "interval": "week", "product": product.id})
other = client.plans.create({"amount": 700, "currency": "chf", "interval": "year", "product": product.id})


def subscribe():
    items = [{"plan": plan.id, "quantity": 2}, {"plan": other.id}]
    return client.subscriptions.create({"customer": customer.id, "items": items, "metadata": {"berth": "7"}})


live(
    "subscription",
    id="id",
    create=subscribe,
    read=client.subscriptions.retrieve,
    list=lambda: client.subscriptions.list({"customer": customer.id}).auto_paging_iter(),
    update=lambda key: client.subscriptions.update(key, {"metadata": {"berth": "8"}}),
    delete=client.subscriptions.cancel,
    sent={
        "customer": customer.id,
        "metadata.berth": "7",
        "items.object": "list",
        "items.data.0.plan.id": plan.id,
        "items.data.0.plan.amount": 500,
        "items.data.0.plan.product": product.id,
        "items.data.0.quantity": 2,
        "items.data.1.plan.id": other.id,
        "items.data.1.plan.interval": "year",
    },
    changed={"metadata.berth": "8"},
    gone=gone,
)
expect("subscriptions of another customer", client.subscriptions.list({"customer": "cus_other"}).data, [])

page_through(
    "customers",
    id="id",
    create=lambda number: client.customers.create({"email": f"{number}@example.com"}),
    list=lambda: client.customers.list({"limit": 10}).auto_paging_iter(),
    count=25,
)
first = client.customers.list({"limit": 10})
expect_values("first page", first, {"object": "list", "has_more": True, "url": "/v1/customers"})
second = first.next_page()
before = client.customers.list({"limit": 10, "ending_before": second.data[0].id})
expect("page before the second", [record.id for record in before.data], [record.id for record in first.data])

error = expect_error(
    "product without a name",
    stripe.InvalidRequestError,
    lambda: client.products.create({"active": True}),
    http_status=400,
    param="name",
)
expect("whether the message names the field", "name" in error.user_message, True)
expect_error(
    "unknown interval",
    stripe.InvalidRequestError,
    lambda: client.plans.create({"currency": "chf", "interval": "decade"}),
    http_status=400,
)
expect_error("unknown product", stripe.InvalidRequestError, lambda: client.products.retrieve("prod_0"), http_status=404)
print("stripe: all steps passed")
