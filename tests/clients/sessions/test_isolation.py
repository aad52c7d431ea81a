"""Each pytest-xdist worker calls the mock in a session of its own and must never see a record of another worker.

The environment names the mock: URL, TOKEN, and BY: how a worker selects its session (header, prefix or token).
"""

import os
import random

import pytest
import requests

URL, TOKEN, BY = os.environ["URL"], os.environ["TOKEN"], os.environ["BY"]
CLIENTS = "/platform/v1/clients"


@pytest.fixture(scope="session")
def api(worker_id):
    """Sends a request in the session of the worker: api(method, path, json)."""
    session = f"pytest-{BY}-{worker_id}"
    http = requests.Session()
    base, token = URL, TOKEN
    if BY == "header":
        http.headers["X-Standin-Session"] = session
    elif BY == "prefix":
        base = URL.replace("/api2", f"/s/{session}/api2")
    else:
        token = f"{TOKEN}~{session}"
    http.headers["Authorization"] = f"Bearer {token}"

    def send(method, path, **options):
        response = http.request(method, base + path, timeout=30, **options)
        assert response.headers["x-standin-session"] == session
        return response

    send.worker = worker_id
    return send


# Ten tests of 25 calls for each of four workers are 1,000 interleaved calls.
@pytest.mark.parametrize("part", range(40))
def test_a_worker_sees_its_own_records_only(api, part):
    chance = random.Random(f"{api.worker} {part}")
    mine = []
    for number in range(25):
        action = chance.choice(["create", "list", "read", "update", "delete"])
        canary = f"canary-{api.worker}-{part}-{number}"
        if action == "create" or not mine:
            response = api("POST", CLIENTS, json={"first_name": canary})
            assert response.status_code == 201, response.text
            mine.append(response.json()["data"]["client"]["id"])
        elif action == "list":
            listed = api("GET", CLIENTS, params={"per_page": 1000}).json()["data"]["clients"]
            canaries = [client["first_name"] for client in listed if str(client["first_name"]).startswith("canary-")]
            assert canaries and all(name.startswith(f"canary-{api.worker}-") for name in canaries)
        elif action == "read":
            assert api("GET", f"{CLIENTS}/{chance.choice(mine)}").status_code == 200
        elif action == "update":
            assert api("PUT", f"{CLIENTS}/{chance.choice(mine)}", json={"last_name": canary}).status_code == 200
        else:
            removed = mine.pop(chance.randrange(len(mine)))
            assert api("DELETE", f"{CLIENTS}/{removed}").status_code < 300
