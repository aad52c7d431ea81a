"""The mock with the HTTP libraries that SDKs are built on: the base URL selects the session."""

import asyncio

import pytest

PATH = "/platform/v1/clients"


def with_requests(api, fields):
    requests = pytest.importorskip("requests")
    return requests.post(api.url + PATH, json=fields, headers=api.headers("staff"), timeout=30).json()


def with_httpx(api, fields):
    httpx = pytest.importorskip("httpx")
    with httpx.Client(base_url=api.url, headers=api.headers("staff")) as client:
        return client.post(PATH, json=fields).json()


def with_aiohttp(api, fields):
    aiohttp = pytest.importorskip("aiohttp")

    async def post():
        async with aiohttp.ClientSession(headers=api.headers("staff")) as client:
            async with client.post(api.url + PATH, json=fields) as response:
                return await response.json()

    return asyncio.run(post())


@pytest.mark.parametrize("post", [with_requests, with_httpx, with_aiohttp])
def test_client_is_created_in_the_session(api, post):
    created = post(api, {"first_name": "Ada"})["data"]["client"]
    assert api.record("client", created["id"])["first_name"] == "Ada"
    assert [request.response_body["data"]["client"]["id"] for request in api.requests] == [created["id"]]
