"""Uses the mock with the official `twilio` package: use_twilio.py ORIGIN. tests/clients/sdk.sh runs it.

The package has no setting for the host. Its HTTP client, which it takes as an argument, is told another one.
"""

import sys
from urllib.parse import urlsplit

from life import expect, expect_error, live, page_through
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

ORIGIN, ACCOUNT = sys.argv[1], "AC" + "a" * 32


class HttpClient(TwilioHttpClient):
    """Sends each request to the mock."""

    def request(self, method, url, *args, **kwargs):
        parts = urlsplit(url)
        return super().request(method, ORIGIN + parts._replace(scheme="", netloc="").geturl(), *args, **kwargs)


client = Client(ACCOUNT, "token", http_client=HttpClient())


def gone(call):
    error = expect_error("deleted", TwilioRestException, call, status=404)
    expect("whether the error has a message", "not found" in error.msg, True)


def life_of(kind, service, prefix, sent, changed, names=None):
    """`names` are the names of fields that a response has for those of the request."""
    names = names or {}
    live(
        kind,
        id="sid",
        create=lambda: service.create(**sent),
        read=lambda sid: service(sid).fetch(),
        list=lambda: service.stream(page_size=2),
        update=lambda sid: service(sid).update(**changed),
        delete=lambda sid: expect(f"{kind} is deleted", service(sid).delete(), True),
        sent={"account_sid": ACCOUNT, **{names.get(name, name): value for name, value in sent.items()}},
        changed=changed,
        gone=gone,
    )
    expect(f"whether the id of a {kind} has its prefix", service.create(**sent).sid.startswith(prefix), True)


message = {"to": "+15558675310", "from_": "+15017122661", "body": "Boat at 8"}
life_of("message", client.messages, ("SM", "MM"), message, {"body": ""})
call = {"to": "+15558675310", "from_": "+15017122661"}
life_of("call", client.calls, "CA", call, {"status": "completed"}, {"from_": "_from"})
life_of("queue", client.queues, "QU", {"friendly_name": "Harbour", "max_size": 20}, {"friendly_name": "Marina"})
address = {
    "customer_name": "Ann",
    "street": "1 Quay",
    "city": "Bern",
    "region": "BE",
    "postal_code": "01234",
    "iso_country": "CH",
}
life_of("address", client.addresses, "AD", address, {"customer_name": "Bea", "city": "Basel"})
application = {"friendly_name": "Tides", "voice_method": "GET", "voice_url": "https://example.com/voice"}
life_of("application", client.applications, "AP", application, {"voice_method": "POST"})

client.messages.create(to="+15550000001", from_="+15017122661", body="One")
client.messages.create(to="+15550000002", from_="+15017122661", body="Two")
expect("messages to one number", [found.body for found in client.messages.list(to="+15550000002")], ["Two"])
client.addresses.create(**{**address, "customer_name": "Cleo"})
expect("addresses of one name", [found.city for found in client.addresses.list(customer_name="Cleo")], ["Bern"])

page_through(
    "queues",
    id="sid",
    create=lambda number: client.queues.create(friendly_name=f"queue {number}"),
    list=lambda: client.queues.stream(page_size=10),
    count=25,
)
first = client.queues.page(page_size=10)
expect("queues on the first page", len(list(first)), 10)
second = first.next_page()
expect("queues on the second page", len(list(second)), 10)

nowhere = {"to": "+15558675310", "from_": None}
error = expect_error("call from nowhere", TwilioRestException, lambda: client.calls.create(**nowhere))
expect("whether the status is that of an invalid request", error.status in (400, 422), True)
expect("whether the message names the field", "From" in error.msg, True)
expect_error("unknown queue", TwilioRestException, lambda: client.queues("QU" + "0" * 32).fetch(), status=404)
sid = client.calls.create(**call).sid
expect_error("id of a call", TwilioRestException, lambda: client.queues(sid).fetch(), status=404)
print("twilio: all steps passed")
