"""Follows a package from the service that it is for to the credit that a client has used, with generated clients only.

Shows that what one operation did is seen by all others: staff sell, take money, redeem and take back, and the client
looks on and redeems on the portal. It is run by generated_sdk.sh, which makes the packages below:
package_lifecycle.py ORIGIN STAFF_TOKEN
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
import unwritten

ORIGIN, STAFF = sys.argv[1:]
# Where the basePath of each contract lies behind the fallback.
BASES = {
    booked: "/platform/v1",
    offered: "",
    owned: "/business/payments",
    people: "/platform/v1",
    portal: "/client/payments",
    sold: "/platform/v1",
    unwritten: "",
}
BUSINESS = "7c1e94d02ab85f36"
# The lesson costs this much where no credit pays for it, the package that much.
LESSON, PACKAGE = 50, 120


def api(package, group, token=STAFF):
    """A group of operations of a generated package, with the server and the token set as its user would."""
    settings = package.Configuration(host=ORIGIN + "/api2" + BASES[package])
    settings.api_key["bearer"] = token
    settings.api_key_prefix["bearer"] = "Bearer"
    return getattr(package, group)(package.ApiClient(settings))


def expect(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what} is {found!r} and not {wanted!r}")


def body(answer, status):
    expect("status", answer.status_code, status)
    return json.loads(answer.raw_data)


def data(answer, status=200):
    return body(answer, status)["data"]


def refused(what, package, words, call):
    """The call is refused as unprocessable, in words of which these are a part."""
    try:
        call()
    except package.exceptions.UnprocessableEntityException as refusal:
        expect(f"the words of {what}", words in refusal.body, True)
        print(f"refused: {what}: {words}")
        return
    sys.exit(f"{what} was not refused")


def package_of(uid):
    """What staff see of the client's package: how much is used, how much there is, whether it is paid."""
    read = data(api(owned, "ClientPackagesApi").get_client_package_with_http_info(uid))["client_package"]
    credits = [(int(one["bookings_usage"]), int(one["total_bookings"])) for one in read["booking_credits"]]
    expect("the sum of the credits", (int(read["bookings_usage"]), int(read["total_bookings"])), credits[0])
    return {"credits": credits, "state": read["payment_request_state"], "matter": read["conversation_id"]}


def request_of(uid):
    read = data(api(owned, "PaymentRequestsApi").get_payment_request_with_http_info(uid))["payment_request"]
    return {"state": read["state"], "amount": float(read["amount"]), "for": read["payable_uid"], "type": read["payable_type"]}


# 1, 2, 3: a service, a package of three of it, changed and put first.
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
print(f"made service {service}")

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
expect("what it is for", package["items"][0]["services"], [{"id": service, "name": "Cello Lesson"}])
package = package["id"]
change = sold.UpdatePackageRequest(package=sold.UpdatePackageRequestPackage(price=PACKAGE))
changed = data(api(sold, "PackagesApi").update_package_with_http_info(package, change))["package"]
expect("the price of the package", float(changed["price"]), float(PACKAGE))
order = owned.ReorderPackagesRequest(packages=[owned.ReorderPackagesRequestPackagesInner(id=package, order=7)])
data(api(owned, "PackagesApi").reorder_packages_with_http_info(body=order))
read = data(api(sold, "PackagesApi").get_package_with_http_info(package))["package"]
expect("the place of the package", read["order"], 7)
print(f"made package {package}, changed its price and its place")

# 4: a client, who gets a matter and a token.
made = data(
    api(people, "ClientsApi").create_client_with_http_info(
        people.CreateClientRequest(first_name="Paula", last_name="Casal", email="paula.casal@example.com")
    ),
    201,
)
client, token = made["client"]["id"], made["token"]
matters = data(api(people, "ClientsApi").get_client_with_http_info(client))["client"]["matters"]
expect("the number of matters", len(matters), 1)
matter = matters[0]["uid"]
print(f"made client {client} with matter {matter}")

# 5, 6, 7: the service costs something from now on, so the client's booking owes a payment.
paid = unwritten.UpdateServiceRequest(charge_type="paid", price=LESSON)
expect("the price", body(api(unwritten, "ServicesApi").update_service_with_http_info(service, body=paid), 200)["price"], LESSON)
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
expect("the state of the booking", booking["status"], "scheduled")
expect("the duration of the booking", booking["duration"], 45)
appointment = data(api(booked, "AppointmentsApi").get_appointment_with_http_info(booking["id"]))["appointment"]
expect("the matter of the appointment", appointment["conversation_id"], matter)
owed = appointment["payment_status"]["uid"]
unpaid = {"state": "pending", "amount": float(LESSON), "for": booking["id"], "type": "Meeting"}
expect("what is owed for the lesson", request_of(owed), unpaid)
print(f"booked lesson {booking['id']}: payment status {owed}, {LESSON} owed")

validate = api(people, "ClientPackagesApi", token).validate_client_package_with_http_info
expect("a package before the sale", data(validate(owed))["has_package"], False)
use = sold.RedeemClientPackageRequest(payment_status_uid=owed, matter_uid=matter)
redeem = api(sold, "ClientPackagesApi").redeem_client_package_with_http_info
refused("redeeming before the sale", sold, "There is no package to use", lambda: redeem(body=use))

# 8: the sale. Credits belong to the matter, and the package is owed for at once.
sale = sold.CreateClientPackageRequest(client_id=client, package_id=package, matter_uid=matter, price=PACKAGE)
made = data(api(sold, "ClientPackagesApi").create_client_package_with_http_info(sale), 201)["client_package"]
bought, debt = made["id"], made["payment_status_uid"]
fresh = {"credits": [(0, 3)], "state": "overdue", "matter": matter}
expect("the package after the sale", package_of(bought), fresh)
expect("what is owed for the package", request_of(debt)["amount"], float(PACKAGE))
print(f"sold client package {bought}: three credits, overdue")

# 9: it is paid.
cash = unwritten.UpdatePaymentRequest(payment_method="Cash", amount=PACKAGE)
payment = data(api(unwritten, "PaymentsApi").update_payment_with_http_info(debt, body=cash))["payment"]
expect("the payment", (payment["state"], payment["amount"], payment["client_id"]), ("paid", PACKAGE, client))
expect("the package after the payment", package_of(bought), {**fresh, "state": "paid"})
expect("the debt after the payment", request_of(debt)["state"], "paid")
print("paid it")

# 10: a credit pays for the lesson.
expect("a package after the sale", data(validate(owed))["has_package"], True)
expect("the package that was used", data(redeem(body=use))["package_name"], "Three Cello Lessons")
expect("the package after the redemption", package_of(bought)["credits"], [(1, 3)])
expect("the lesson after the redemption", request_of(owed), {**unpaid, "state": "paid", "amount": 0.0})
refused("redeeming twice", sold, "already paid", lambda: redeem(body=use))
print("redeemed a credit: one of three is used, nothing is owed for the lesson")

# 11: and is taken back.
back = sold.CancelRedemptionRequest(payment_status_id=owed)
cancel = api(sold, "ClientPackagesApi").cancel_redemption_with_http_info
undone = data(cancel(body=back))
expect("what was undone", (undone["payment_status_uid"], undone["client_uid"]), (owed, client))
expect("the package after the cancellation", package_of(bought)["credits"], [(0, 3)])
expect("the lesson after the cancellation", request_of(owed), unpaid)
refused("cancelling twice", sold, "There is no booking redemption", lambda: cancel(body=back))
print("cancelled the redemption: the credit is free, the lesson is owed for again")

# 12: more credits, for longer.
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
expect("the package after the change", package_of(bought)["credits"], [(0, 5)])
print("raised it to five credits")

# 13: the same through the client's own eyes, who redeems too.
listed = api(portal, "ClientPackagesApi", token).list_own_client_packages_with_http_info


def seen():
    [only] = data(listed(matter))["client_packages"]
    expect("the client's package", (only["id"], only["valid_until"]), (bought, "2026-09-30"))
    expect("what the client paid", (only["payment_request_id"], only["payment_request_state"]), (debt, "paid"))
    return int(only["bookings_usage"]), int(only["total_bookings"])


expect("the credits that the client sees", seen(), (0, 5))
own = people.RedeemOwnClientPackageRequest(payment_status_id=owed)
redeem_own = api(people, "ClientPackagesApi", token).redeem_own_client_package_with_http_info
expect("the package that the client used", data(redeem_own(body=own))["package_name"], "Three Cello Lessons")
expect("the credits that the client sees", seen(), (1, 5))
requests = data(api(portal, "PaymentRequestsApi", token).list_own_payment_requests_with_http_info(matter))
states = {one["uid"]: one["state"] for one in requests["payment_requests"]}
expect("what the client owes", states, {owed: "paid", debt: "paid"})
print("the client saw five credits, redeemed one and owes nothing")

# Money instead of a credit: a payment of its own, matched to what is owed.
data(cancel(body=back))
money = sold.CreatePaymentRequest(
    client_id=client, payment_method="Cash", currency="USD", amount=LESSON, title="Cello Lesson"
)
payment = data(api(sold, "PaymentsApi").create_payment_with_http_info(body=money), 201)["payment"]
to = sold.MatchPaymentRequest(matter_uid=matter, payment_status_uid=owed)
data(api(sold, "PaymentsApi").match_payment_with_http_info(payment["payment_id"], body=to), 201)
expect("the lesson after the payment", request_of(owed)["state"], "paid")
expect("the credits that the client sees", seen(), (0, 5))
refused("redeeming what was paid", sold, "already paid", lambda: redeem(body=use))
print("paid the lesson with money instead")

print("package lifecycle: all steps came out as expected")
