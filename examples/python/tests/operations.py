"""Maps operations to calls of the SDK."""

from standin_client import InTandem

from .fixtures import scheme, segment

CALLS = {
    "GET /platform/v1/clients": lambda api, request: api.clients.list(**request.get("query", {})),
    "POST /platform/v1/clients": lambda api, request: api.clients.create(**request["body"]),
    "GET /platform/v1/clients/{client_id}": lambda api, request: api.clients.get(segment(request, 3)),
    "GET /platform/v1/payment/packages": lambda api, request: api.packages.list(**request.get("query", {})),
    "POST /platform/v1/payment/client_packages": lambda api, request: api.client_packages.create(**request["body"]),
    "GET /business/payments/v1/client_packages/{uid}": lambda api, request: api.client_packages.get(
        segment(request, 4)
    ),
    "PUT /business/payments/v1/client_packages/{uid}": lambda api, request: api.client_packages.update(
        segment(request, 4), request["body"]["client_package"]
    ),
    "GET /business/payments/v1/payment_requests": lambda api, request: api.payment_requests.list(
        **request.get("query", {})
    ),
    "GET /business/payments/v1/payment_requests/{payment_request_uid}": lambda api, request: api.payment_requests.get(
        segment(request, 4)
    ),
}


def cannot_send(interaction):
    """Returns the reason why the SDK cannot send such a request, or None if it can."""
    body = interaction["request"].get("body")
    if interaction["request"]["method"] in ("POST", "PUT") and body is None:
        return "the SDK always sends a body when it creates or updates"
    if interaction["operation"].startswith("PUT") and "client_package" not in body:
        return "the SDK always wraps the fields of an update in client_package"
    return None


def call(interaction, request, transport, tokens, is_default_gateway):
    """Makes a request with the SDK and returns the result."""
    token = request.get("token")
    api = InTandem(
        transport,
        token=tokens.get(token, token),
        scheme=scheme(token),
        on_behalf_of=request.get("headers", {}).get("x-on-behalf-of"),
        gateway=None if is_default_gateway else request["gateway"],
    )
    return CALLS[interaction["operation"]](api, request)
