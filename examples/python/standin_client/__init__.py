"""A small SDK of the inTandem API: clients, the packages a business offers, those it has sold, and what is owed.

    api = InTandem(HttpTransport(main="https://…/apigw", fallback="https://…/api2"), token="…")
    sold = api.client_packages.create(client_id=ada.id, package_id=ten_lessons.id)
"""

from .errors import ApiError, Conflict, Forbidden, Invalid, NotFound, Problem, TooManyRequests, Unauthorized
from .models import Client, ClientPackage, Credit, Package, PaymentRequest
from .resources import ClientPackages, Clients, Packages, PaymentRequests, Session
from .transport import HttpTransport, NoAnswer, Request, Response, Transport

__all__ = [
    "ApiError",
    "Client",
    "ClientPackage",
    "Conflict",
    "Credit",
    "Forbidden",
    "HttpTransport",
    "InTandem",
    "Invalid",
    "NoAnswer",
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

    A token of a directory or an app acts for the business that `on_behalf_of` names. Each resource goes through the
    gateway that serves it; `gateway` ("main" or "fallback") sends everything through one.
    """

    def __init__(self, transport, token=None, scheme="Bearer", on_behalf_of=None, gateway=None):
        session = Session(transport, token, scheme, on_behalf_of, gateway)
        self.clients = Clients(session)
        self.packages = Packages(session)
        self.client_packages = ClientPackages(session)
        self.payment_requests = PaymentRequests(session)
