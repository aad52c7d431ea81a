"""The operations, one class for each resource."""

from dataclasses import dataclass
from typing import Optional
from urllib.parse import quote

from .errors import error_of
from .models import Client, ClientPackage, Package, PaymentRequest
from .transport import Request, Transport


def segment(value):
    """Returns the value percent-encoded, as one segment of a path."""
    return quote(value, safe="")


@dataclass(frozen=True)
class Session:
    """Credentials and transport of the requests. `gateway` overrides the one that each operation uses."""

    transport: Transport
    token: Optional[str]
    scheme: str
    on_behalf_of: Optional[str]
    gateway: Optional[str]

    def call(self, gateway, method, path, query=None, body=None):
        """Sends a request and returns the `data` of the response; raises an ApiError for an error response."""
        headers = {}
        if self.token:
            headers["authorization"] = f"{self.scheme} {self.token}"
        if self.on_behalf_of:
            headers["x-on-behalf-of"] = self.on_behalf_of
        if body is not None:
            headers["content-type"] = "application/json"
        query = {name: str(value) for name, value in (query or {}).items()}
        response = self.transport.send(Request(self.gateway or gateway, method, path, query, headers, body))
        if response.status >= 400:
            raise error_of(response.status, response.body)
        return response.body["data"]


class Clients:
    def __init__(self, session):
        self.session = session

    def list(self, **filters):
        data = self.session.call("main", "GET", "/platform/v1/clients", query=filters)
        return [Client.read(raw) for raw in data["clients"]]

    def create(self, **fields):
        return Client.read(self.session.call("main", "POST", "/platform/v1/clients", body=fields)["client"])

    def get(self, client_id):
        return Client.read(self.session.call("main", "GET", f"/platform/v1/clients/{segment(client_id)}")["client"])


class Packages:
    # The main gateway rejects paths below /platform/v1/payment.
    def __init__(self, session):
        self.session = session

    def list(self, **filters):
        data = self.session.call("fallback", "GET", "/platform/v1/payment/packages", query=filters)
        return [Package.read(raw) for raw in data["packages"]]


class ClientPackages:
    # They are created below /platform, and read and updated below /business; the main gateway rejects both.
    PATH = "/business/payments/v1/client_packages"

    def __init__(self, session):
        self.session = session

    def create(self, **fields):
        data = self.session.call("fallback", "POST", "/platform/v1/payment/client_packages", body=fields)
        return ClientPackage.read(data["client_package"])

    def get(self, uid):
        return ClientPackage.read(self.session.call("fallback", "GET", f"{self.PATH}/{segment(uid)}")["client_package"])

    def update(self, uid, fields):
        data = self.session.call("fallback", "PUT", f"{self.PATH}/{segment(uid)}", body={"client_package": fields})
        return ClientPackage.read(data["client_package"])

    def redeem(self, payment_request_id):
        """Pays an appointment with a credit; returns the name of the package."""
        path = "/platform/v1/payment/client_packages/update_usage"
        return self.session.call("fallback", "POST", path, body={"payment_status_id": payment_request_id})["package_name"]

    def cancel_redemption(self, payment_request_id):
        path = "/platform/v1/payment/client_packages/cancel_redemption"
        self.session.call("fallback", "PUT", path, body={"payment_status_id": payment_request_id})


class Bookings:
    def __init__(self, session):
        self.session = session

    def create(self, **fields):
        """Books an appointment; returns its id."""
        return self.session.call("main", "POST", "/platform/v1/scheduling/bookings", body=fields)["booking"]["id"]

    def payment_request_id(self, booking_id):
        """Returns the id of the payment request of a paid appointment."""
        path = f"/platform/v1/scheduling/appointments/{segment(booking_id)}"
        return self.session.call("fallback", "GET", path)["appointment"]["payment_status"]["uid"]


class PaymentRequests:
    PATH = "/business/payments/v1/payment_requests"

    def __init__(self, session):
        self.session = session

    def list(self, **filters):
        data = self.session.call("fallback", "GET", self.PATH, query=filters)
        return [PaymentRequest.read(raw) for raw in data["payment_requests"]]

    def get(self, uid):
        data = self.session.call("fallback", "GET", f"{self.PATH}/{segment(uid)}")
        return PaymentRequest.read(data["payment_request"])

    def pay(self, uid, amount, method="Cash"):
        """Records a payment of the amount."""
        body = {"payment_method": method, "amount": amount}
        self.session.call("fallback", "PUT", f"/platform/v1/payments/{segment(uid)}", body=body)
