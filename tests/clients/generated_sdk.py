"""Sells a package to a client, changes it and reads it back, all with generated clients.

Shows that the mock answers what a generated client expects. It is run by generated_sdk.sh, which makes the packages
people, sold and owned: generated_sdk.py ORIGIN STAFF_TOKEN
"""

import json
import sys

import owned
import people
import sold

ORIGIN, TOKEN = sys.argv[1:]
CLIENT, PACKAGE = "k4w9zr2tq7mh1xpe", "r5xq81kfhz2wno7t"
PRICE, TOTAL, VALID_UNTIL = 99.5, 12, "2026-09-30"


def api(package, group, base):
    """A group of operations of a generated package, with the server and the token set as its user would."""
    settings = package.Configuration(host=ORIGIN + base)
    settings.api_key["bearer"] = TOKEN
    settings.api_key_prefix["bearer"] = "Bearer"
    return getattr(package, group)(package.ApiClient(settings))


def data(answer, status):
    """What was answered; the contract has examples and no models, so the generated client hands over bytes."""
    expect("status", answer.status_code, status)
    return json.loads(answer.raw_data)["data"]


def expect(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what} is {found!r} and not {wanted!r}")


def owned_packages(gateway):
    return api(owned, "ClientPackagesApi", gateway + "/business/payments")


clients = data(api(people, "ClientsApi", "/api2/platform/v1").list_clients_with_http_info(), 200)["clients"]
expect("the first client", clients[0]["id"], CLIENT)
print(f"listed {len(clients)} clients")

packages = data(api(sold, "PackagesApi", "/api2/platform/v1").list_packages_with_http_info(), 200)["packages"]
expect("the first package", packages[0]["id"], PACKAGE)
print(f"listed {len(packages)} packages")

sale = sold.CreateClientPackageRequest(client_id=CLIENT, package_id=PACKAGE, price=PRICE)
answer = api(sold, "ClientPackagesApi", "/api2/platform/v1").create_client_package_with_http_info(sale)
made = data(answer, 201)["client_package"]
expect("the price", made["amount"], PRICE)
expect("the payment state", made["payment_status_state"], "overdue")
uid, credit = made["id"], made["booking_credits"][0]["id"]
print(f"created client package {uid}")

change = owned.UpdateClientPackageRequest(
    client_package=owned.UpdateClientPackageRequestClientPackage(
        booking_credits=[
            owned.UpdateClientPackageRequestClientPackageBookingCreditsInner(id=credit, total_bookings=TOTAL)
        ],
        valid_until=VALID_UNTIL,
    )
)
data(owned_packages("/api2").update_client_package_with_http_info(uid, change), 200)
print(f"updated it: {TOTAL} bookings, valid until {VALID_UNTIL}")

read = data(owned_packages("/api2").get_client_package_with_http_info(uid), 200)["client_package"]
rest = [int(other["total_bookings"]) for other in made["booking_credits"][1:]]
expect("the credits", [int(entry["total_bookings"]) for entry in read["booking_credits"]], [TOTAL, *rest])
expect("the credit", read["booking_credits"][0]["id"], credit)
expect("the total", int(read["total_bookings"]), TOTAL + sum(rest))
expect("the last day", read["valid_until"], VALID_UNTIL)
expect("the price", read["amount"], PRICE)
expect("the client and the package", (read["client_id"], read["package_id"]), (CLIENT, PACKAGE))
expect("the payment request state", read["payment_request_state"], "overdue")
expect("the payment request", read["payment_request_id"], made["payment_status_uid"])
expect("a conversation", bool(read["conversation_id"]), True)
expect("the conversation", read["conversation_id"], made["conversation_id"])
print("read it back: what was written, payment request overdue, conversation set")

try:
    owned_packages("/apigw").get_client_package_with_http_info(uid)
    sys.exit("the main gateway let the read through")
except owned.exceptions.UnauthorizedException as refused:
    expect("the refusal", json.loads(refused.body)["errors"][0]["code"], "unauthorized")
print("the main gateway refused the same read: UnauthorizedException")

print("generated SDK: all steps came out as expected")
