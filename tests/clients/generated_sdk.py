"""Sells a package to a client, changes it and reads it back, with generated SDKs only.

Shows that a generated SDK accepts the responses of the mock. generated_sdk.sh runs it and generates the packages people,
sold and owned: generated_sdk.py ORIGIN STAFF_TOKEN
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
    """Returns a group of operations of a generated package, with server and token configured."""
    settings = package.Configuration(host=ORIGIN + base)
    settings.api_key["bearer"] = TOKEN
    settings.api_key_prefix["bearer"] = "Bearer"
    return getattr(package, group)(package.ApiClient(settings))


def data(response, status):
    """Returns the response's `data`. The contract has examples but no models: the generated SDK returns bytes."""
    expect("status", response.status_code, status)
    return json.loads(response.raw_data)["data"]


def expect(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: {found!r} instead of {expected!r}")


def owned_packages(gateway):
    return api(owned, "ClientPackagesApi", gateway + "/business/payments")


clients = data(api(people, "ClientsApi", "/api2/platform/v1").list_clients_with_http_info(), 200)["clients"]
expect("first client", clients[0]["id"], CLIENT)
print(f"listed {len(clients)} clients")

packages = data(api(sold, "PackagesApi", "/api2/platform/v1").list_packages_with_http_info(), 200)["packages"]
expect("first package", packages[0]["id"], PACKAGE)
print(f"listed {len(packages)} packages")

sale = sold.CreateClientPackageRequest(client_id=CLIENT, package_id=PACKAGE, price=PRICE)
response = api(sold, "ClientPackagesApi", "/api2/platform/v1").create_client_package_with_http_info(sale)
made = data(response, 201)["client_package"]
expect("price", made["amount"], PRICE)
expect("payment state", made["payment_status_state"], "overdue")
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
expect("credits", [int(entry["total_bookings"]) for entry in read["booking_credits"]], [TOTAL, *rest])
expect("credit", read["booking_credits"][0]["id"], credit)
expect("total", int(read["total_bookings"]), TOTAL + sum(rest))
expect("last day", read["valid_until"], VALID_UNTIL)
expect("price", read["amount"], PRICE)
expect("client and the package", (read["client_id"], read["package_id"]), (CLIENT, PACKAGE))
expect("payment request state", read["payment_request_state"], "overdue")
expect("payment request", read["payment_request_id"], made["payment_status_uid"])
expect("conversation is set", bool(read["conversation_id"]), True)
expect("conversation", read["conversation_id"], made["conversation_id"])
print("read it back: values as written, payment request overdue, conversation set")

try:
    owned_packages("/apigw").get_client_package_with_http_info(uid)
    sys.exit("the main gateway served the read")
except owned.exceptions.UnauthorizedException as error:
    expect("the error code", json.loads(error.body)["errors"][0]["code"], "unauthorized")
print("the main gateway rejected the same read: UnauthorizedException")

print("generated SDK: all steps passed")
