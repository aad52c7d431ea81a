#!/usr/bin/env python3
"""Shows that the WireMock client for Python, unmodified, reads the journal of a session of the mock and resets it.

Needs the Python packages wiremock and requests, which .ci/install installs. Run: tests/clients/wiremock_client.py STANDIN
"""

import json
import subprocess
import sys

import requests
from wiremock.constants import Config
from wiremock.resources.near_misses import NearMissMatchPatternRequest
from wiremock.resources.requests.resource import Requests

SESSION = {"X-Standin-Session": "wiremock"}


def main(standin):
    process = subprocess.Popen([standin, "serve", "--port", "0", "--ready-json"], stdout=subprocess.PIPE, text=True)
    try:
        ready = json.loads(process.stdout.readline())
        clients = f"{ready['urls']['fallback']}/platform/v1/clients"
        headers = {"Authorization": f"Bearer {ready['tokens']['staff']}", **SESSION}
        Config.base_url = f"{ready['control_url']}/__admin"
        Config.headers = {**Config.headers, **SESSION}

        for number, name in enumerate(["Ada", "Grace", "Ada"]):
            body = {"first_name": name, "email": f"{name.lower()}-{number}@example.com"}
            requests.post(clients, json=body, headers=headers, timeout=30).raise_for_status()
        requests.get(f"{clients}?per_page=1", headers=headers, timeout=30).raise_for_status()
        # Of another session.
        requests.get(clients, headers={**headers, "X-Standin-Session": "other"}, timeout=30).raise_for_status()

        received = Requests.get_all_received_requests()
        assert received.meta.total == 4, received.meta.total
        latest = received.requests[0].request
        assert (latest.method, latest.url) == ("GET", "/api2/platform/v1/clients?per_page=1"), latest.url
        assert Requests.get_all_received_requests(limit=2).meta.total == 4
        assert len(Requests.get_all_received_requests(limit=2).requests) == 2

        def count(**pattern):
            return Requests.get_matching_request_count(NearMissMatchPatternRequest(**pattern)).count

        path = "/api2/platform/v1/clients"
        ada = [{"equalToJson": json.dumps({"first_name": "Ada"}), "ignoreExtraElements": True}]
        assert count(method="POST", url_path=path) == 3
        assert count(method="POST", url_path=path, body_patterns=ada) == 2
        assert count(method="POST", body_patterns=[{"matchesJsonPath": "$.first_name"}]) == 3
        assert count(method="GET", url=f"{path}?per_page=1") == 1
        assert count(method="GET", url_pattern=".*/clients.*") == 1
        assert count(method="DELETE", url_path=path) == 0

        found = Requests.get_matching_requests(NearMissMatchPatternRequest(method="POST", body_patterns=ada))
        assert [json.loads(request.body)["first_name"] for request in found.requests] == ["Ada", "Ada"]
        assert ready["tokens"]["staff"] not in str([request.get_json_data() for request in found.requests])

        requests.post(f"{Config.base_url}/reset", headers=Config.headers, timeout=30).raise_for_status()
        assert Requests.get_all_received_requests().meta.total == 0
        print("the WireMock client lists, finds and counts the requests of its session")
    finally:
        process.terminate()
        assert process.wait(30) == 0


main(sys.argv[1])
