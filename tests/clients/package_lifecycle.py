"""Follows a package from its service to the redeemed credit, with generated SDKs only.

Shows that the effect of each operation is visible to all others: staff sell the package, take the payment, redeem a credit
and cancel the redemption; the client reads the package and redeems a credit on the portal. generated_sdk.sh runs it and
generates the packages below: package_lifecycle.py ORIGIN STAFF_TOKEN
"""

import datetime
import json
import sys

import booked
import offered
import owned
import people
import portal
import sold
import undocumented

ORIGIN, STAFF = sys.argv[1:]
# The base path of each contract, below that of the fallback gateway.
BASES = {
    booked: "/platform/v1",
    offered: "",
    owned: "/business/payments",
    people: "/platform/v1",
    portal: "/client/payments",
    sold: "/platform/v1",
    undocumented: "",
}
BUSINESS = "7c1e94d02ab85f36"
# The price of the lesson when no credit pays for it, and of the package.
LESSON, PACKAGE = 50, 120


def api(package, group, token=STAFF):
    """Returns a group of operations of a generated package, with server and token configured."""
    settings = package.Configuration(host=ORIGIN + "/api2" + BASES[package])
    settings.api_key["bearer"] = token
    settings.api_key_prefix["bearer"] = "Bearer"
    return getattr(package, group)(package.ApiClient(settings))


def expect(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: {found!r} instead of {expected!r}")


def body(response, status):
    expect("status", response.status_code, status)
    return json.loads(response.raw_data)


def data(response, status=200):
    return body(response, status)["data"]


def expect_rejected(what, package, message, call):
    """Checks that the call fails with 422 and that the body contains the message."""
    try:
        call()
    except package.exceptions.UnprocessableEntityException as error:
        expect(f"{what}: message in the body", message in error.body, True)
        print(f"rejected: {what}: {message}")
        return
    sys.exit(f"{what} was accepted")


def package_of(uid):
    """Returns the client's package as staff see it: used and total credits, payment state and matter."""
    read = data(api(owned, "ClientPackagesApi").get_client_package_with_http_info(uid))["client_package"]
    credits = [(int(one["bookings_usage"]), int(one["total_bookings"])) for one in read["booking_credits"]]
    expect("sum of the credits", (int(read["bookings_usage"]), int(read["total_bookings"])), credits[0])
    return {"credits": credits, "state": read["payment_request_state"], "matter": read["conversation_id"]}


def payment_request_of(uid):
    """Returns the payment request as staff see it."""
    read = data(api(owned, "PaymentRequestsApi").get_payment_request_with_http_info(uid))["payment_request"]
    return {"state": read["state"], "amount": float(read["amount"]), "for": read["payable_uid"], "type": read["payable_type"]}


# 1, 2, 3: create a service and a package of three of it; change its price and its order.
service = body(
    api(offered, "ServicesApi").create_service_with_http_info(
        offered.CreateServiceRequest(
            name="Cello Lesson",
            duration=45,
            category=offered.CreateServiceRequestCategory(uid="strings"),
            interaction_type="business_location",
            charge_type="no_price",
            currency="USD",
        )
    ),
    200,
)["uid"]
print(f"created service {service}")

package = data(
    api(sold, "PackagesApi").create_package_with_http_info(
        sold.CreatePackageRequest(
            name="Three Cello Lessons",
            price=150,
            currency="USD",
            expiration=2,
            expiration_unit="M",
            items=[
                sold.CreatePackageRequestItemsInner(
                    total_bookings=3, services=[sold.CreatePackageRequestItemsInnerServicesInner(id=service)]
                )
            ],
        )
    ),
    201,
)["package"]
expect("services of the package", package["items"][0]["services"], [{"id": service, "name": "Cello Lesson"}])
package = package["id"]
change = sold.UpdatePackageRequest(package=sold.UpdatePackageRequestPackage(price=PACKAGE))
changed = data(api(sold, "PackagesApi").update_package_with_http_info(package, change))["package"]
expect("price of the package", float(changed["price"]), float(PACKAGE))
order = owned.ReorderPackagesRequest(packages=[owned.ReorderPackagesRequestPackagesInner(id=package, order=7)])
data(api(owned, "PackagesApi").reorder_packages_with_http_info(body=order))
read = data(api(sold, "PackagesApi").get_package_with_http_info(package))["package"]
expect("order of the package", read["order"], 7)
print(f"created package {package}, changed its price and its order")

# 4: create a client, with a matter and a token.
made = data(
    api(people, "ClientsApi").create_client_with_http_info(
        people.CreateClientRequest(first_name="Paula", last_name="Casal", email="paula.casal@example.com")
    ),
    201,
)
client, token = made["client"]["id"], made["token"]
matters = data(api(people, "ClientsApi").get_client_with_http_info(client))["client"]["matters"]
expect("number of matters", len(matters), 1)
matter = matters[0]["uid"]
print(f"created client {client} with matter {matter}")

# 5, 6, 7: set a price on the service; booking it creates a payment request.
paid = undocumented.UpdateServiceRequest(charge_type="paid", price=LESSON)
expect("price of the service", body(api(undocumented, "ServicesApi").update_service_with_http_info(service, body=paid), 200)["price"], LESSON)
start = datetime.datetime(2026, 2, 11, 15, tzinfo=datetime.timezone.utc)
booking = data(
    api(booked, "BookingsApi", token).create_booking_with_http_info(
        body=booked.CreateBookingRequest(
            business_id=BUSINESS,
            service_id=service,
            client_id=client,
            matter_uid=matter,
            start_time=start.isoformat(),
            time_zone="UTC",
        )
    ),
    201,
)["booking"]
expect("status of the booking", booking["status"], "scheduled")
expect("duration of the booking", booking["duration"], 45)
appointment = data(api(booked, "AppointmentsApi").get_appointment_with_http_info(booking["id"]))["appointment"]
expect("matter of the appointment", appointment["conversation_id"], matter)
owed = appointment["payment_status"]["uid"]
unpaid = {"state": "pending", "amount": float(LESSON), "for": booking["id"], "type": "Meeting"}
expect("payment request of the lesson", payment_request_of(owed), unpaid)
print(f"booked lesson {booking['id']}: payment status {owed}, {LESSON} due")

validate = api(people, "ClientPackagesApi", token).validate_client_package_with_http_info
expect("has_package before the sale", data(validate(owed))["has_package"], False)
use = sold.RedeemClientPackageRequest(payment_status_uid=owed, matter_uid=matter)
redeem = api(sold, "ClientPackagesApi").redeem_client_package_with_http_info
expect_rejected("redeeming before the sale", sold, "There is no package to use", lambda: redeem(body=use))

# 8: sell the package. Its credits belong to the matter, and its payment request is overdue at once.
sale = sold.CreateClientPackageRequest(client_id=client, package_id=package, matter_uid=matter, price=PACKAGE)
made = data(api(sold, "ClientPackagesApi").create_client_package_with_http_info(sale), 201)["client_package"]
bought, debt = made["id"], made["payment_status_uid"]
fresh = {"credits": [(0, 3)], "state": "overdue", "matter": matter}
expect("package after the sale", package_of(bought), fresh)
expect("amount of the package's payment request", payment_request_of(debt)["amount"], float(PACKAGE))
print(f"sold client package {bought}: three credits, overdue")

# 9: pay the package.
cash = undocumented.UpdatePaymentRequest(payment_method="Cash", amount=PACKAGE)
payment = data(api(undocumented, "PaymentsApi").update_payment_with_http_info(debt, body=cash))["payment"]
expect("payment", (payment["state"], payment["amount"], payment["client_id"]), ("paid", PACKAGE, client))
expect("package after the payment", package_of(bought), {**fresh, "state": "paid"})
expect("payment request of the package after the payment", payment_request_of(debt)["state"], "paid")
print("paid the package")

# 10: redeem a credit for the lesson.
expect("has_package after the sale", data(validate(owed))["has_package"], True)
expect("redeemed package", data(redeem(body=use))["package_name"], "Three Cello Lessons")
expect("package after the redemption", package_of(bought)["credits"], [(1, 3)])
expect("payment request of the lesson after the redemption", payment_request_of(owed), {**unpaid, "state": "paid", "amount": 0.0})
expect_rejected("redeeming twice", sold, "already paid", lambda: redeem(body=use))
print("redeemed a credit: one of three is used, the lesson is paid")

# 11: cancel the redemption.
cancellation = sold.CancelRedemptionRequest(payment_status_id=owed)
cancel = api(sold, "ClientPackagesApi").cancel_redemption_with_http_info
cancelled = data(cancel(body=cancellation))
expect("cancelled redemption", (cancelled["payment_status_uid"], cancelled["client_uid"]), (owed, client))
expect("package after the cancellation", package_of(bought)["credits"], [(0, 3)])
expect("payment request of the lesson after the cancellation", payment_request_of(owed), unpaid)
expect_rejected("cancelling twice", sold, "There is no booking redemption", lambda: cancel(body=cancellation))
print("cancelled the redemption: the credit is unused, the lesson is unpaid again")

# 12: more credits and a later last day.
credit = made["booking_credits"][0]["id"]
more = owned.UpdateClientPackageRequest(
    client_package=owned.UpdateClientPackageRequestClientPackage(
        booking_credits=[
            owned.UpdateClientPackageRequestClientPackageBookingCreditsInner(id=credit, total_bookings=5)
        ],
        valid_until="2026-09-30",
    )
)
data(api(owned, "ClientPackagesApi").update_client_package_with_http_info(bought, more))
expect("package after the change", package_of(bought)["credits"], [(0, 5)])
print("raised the package to five credits")

# 13: the client reads the package on the portal and redeems a credit.
listed = api(portal, "ClientPackagesApi", token).list_own_client_packages_with_http_info


def credits_of_client():
    """Returns the used and total credits that the client sees."""
    [only] = data(listed(matter))["client_packages"]
    expect("package of the client", (only["id"], only["valid_until"]), (bought, "2026-09-30"))
    expect("payment request that the client sees", (only["payment_request_id"], only["payment_request_state"]), (debt, "paid"))
    return int(only["bookings_usage"]), int(only["total_bookings"])


expect("credits that the client sees", credits_of_client(), (0, 5))
own = people.RedeemOwnClientPackageRequest(payment_status_id=owed)
redeem_own = api(people, "ClientPackagesApi", token).redeem_own_client_package_with_http_info
expect("package that the client redeemed", data(redeem_own(body=own))["package_name"], "Three Cello Lessons")
expect("credits that the client sees", credits_of_client(), (1, 5))
requests = data(api(portal, "PaymentRequestsApi", token).list_own_payment_requests_with_http_info(matter))
states = {one["uid"]: one["state"] for one in requests["payment_requests"]}
expect("payment requests of the client", states, {owed: "paid", debt: "paid"})
print("the client saw five credits, redeemed one, and has no unpaid request")

# Pay with money instead of a credit: create a payment and match it to the payment request.
data(cancel(body=cancellation))
money = sold.CreatePaymentRequest(
    client_id=client, payment_method="Cash", currency="USD", amount=LESSON, title="Cello Lesson"
)
payment = data(api(sold, "PaymentsApi").create_payment_with_http_info(body=money), 201)["payment"]
match = sold.MatchPaymentRequest(matter_uid=matter, payment_status_uid=owed)
data(api(sold, "PaymentsApi").match_payment_with_http_info(payment["payment_id"], body=match), 201)
expect("payment request of the lesson after the payment", payment_request_of(owed)["state"], "paid")
expect("credits that the client sees", credits_of_client(), (0, 5))
expect_rejected("redeeming a paid lesson", sold, "already paid", lambda: redeem(body=use))
print("paid the lesson with money instead")

print("package lifecycle: all steps passed")
