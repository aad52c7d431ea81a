"""Records of the API with typed fields. The API writes some amounts as numbers and some as strings."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Optional


def decimal(value):
    return None if value is None else Decimal(str(value))


def day(value):
    return date.fromisoformat(value) if value else None


@dataclass(frozen=True)
class Client:
    id: str
    first_name: str
    last_name: Optional[str]
    email: Optional[str]
    raw: dict

    @classmethod
    def read(cls, raw):
        return cls(raw["id"], raw["first_name"], raw.get("last_name"), raw.get("email"), raw)


@dataclass(frozen=True)
class Package:
    id: str
    name: str
    price: Decimal
    currency: str
    raw: dict

    @classmethod
    def read(cls, raw):
        return cls(raw["id"], raw["name"], decimal(raw["price"]), raw["currency"], raw)


@dataclass(frozen=True)
class Credit:
    id: str
    total: int
    used: int

    @classmethod
    def read(cls, raw):
        return cls(raw["id"], int(raw["total_bookings"]), int(raw["bookings_usage"]))


@dataclass(frozen=True)
class ClientPackage:
    id: str
    client_id: str
    package_id: str
    name: str
    amount: Decimal
    valid_from: date
    valid_until: Optional[date]
    credits: list
    payment_request_id: Optional[str]
    raw: dict

    @classmethod
    def read(cls, raw):
        return cls(
            id=raw["id"],
            client_id=raw["client_id"],
            package_id=raw["package_id"],
            name=raw["name"],
            amount=decimal(raw["amount"]),
            valid_from=day(raw["valid_from"]),
            valid_until=day(raw.get("valid_until")),
            credits=[Credit.read(credit) for credit in raw["booking_credits"]],
            # The API names it `payment_status_uid` in the response to a create.
            payment_request_id=raw.get("payment_request_id") or raw.get("payment_status_uid"),
            raw=raw,
        )


@dataclass(frozen=True)
class PaymentRequest:
    id: str
    amount: Decimal
    state: str
    payable_id: str
    raw: dict

    @classmethod
    def read(cls, raw):
        return cls(raw["uid"], decimal(raw["amount"]), raw["state"], raw["payable_uid"], raw)
