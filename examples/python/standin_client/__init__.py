"""A small SDK of the inTandem API: clients, packages, sold packages (client packages), bookings and
payment requests.

    api = InTandem(HttpTransport(main="https://…/apigw", fallback="https://…/api2"), token="…")
    sold = api.client_packages.create(client_id=ada.id, package_id=ten_lessons.id)
"""

from .errors import ApiError, Conflict, Forbidden, Invalid, NotFound, Problem, TooManyRequests, Unauthorized
from .models import Client, ClientPackage, Credit, Package, PaymentRequest
from .resources import Bookings, ClientPackages, Clients, Packages, PaymentRequests, Session
from .transport import ConnectionFailed, HttpTransport, Request, Response, Transport

__all__ = [
    "ApiError",
    "Client",
    "ClientPackage",
    "Conflict",
    "ConnectionFailed",
    "Credit",
    "Forbidden",
    "HttpTransport",
    "InTandem",
    "Invalid",
    "NotFound",
    "Package",
    "PaymentRequest",
    "Problem",
    "Request",
    "Response",
    "TooManyRequests",
    "Transport",
    "Unauthorized",
]


class InTandem:
    """The API for one token.

    Tokens of a directory or an app act for the business `on_behalf_of` (a uid). Each resource uses the gateway that serves
    it; `gateway` ("main" or "fallback") sends all requests through one.
    """

    def __init__(self, transport, token=None, scheme="Bearer", on_behalf_of=None, gateway=None):
        session = Session(transport, token, scheme, on_behalf_of, gateway)
        self.bookings = Bookings(session)
        self.clients = Clients(session)
        self.packages = Packages(session)
        self.client_packages = ClientPackages(session)
        self.payment_requests = PaymentRequests(session)
