#!/usr/bin/env python3
"""Shows that WireMock answers like the mock. WireMock loads the stubs that standin exports and receives every request of the
HAR that standin exports; its responses must have the status, content type and body recorded in the HAR.

Needs java, and WireMock, which .ci/install installs.
Run: tests/clients/wiremock_stubs.py STANDIN [options of `standin fixtures`, such as --operation GLOB]
"""

import http.client
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse

# The jar in the npm package of WireMock.
PACKAGE = pathlib.Path(__file__).resolve().parents[2] / "target/ci/node_modules/wiremock"


def wiremock(folder, root):
    """Starts WireMock with a folder of mappings and returns the process and its port."""
    jar = next(PACKAGE.rglob("wiremock-standalone-*.jar"), None)
    if not jar:
        sys.exit(f"no jar below {PACKAGE}; .ci/install installs it")
    command = ["java", "-jar", jar, "--port", "0", "--bind-address", "127.0.0.1", "--root-dir", root, "--no-request-journal"]
    log = folder / "wiremock.log"
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    for _ in range(300):
        time.sleep(0.2)
        output = log.read_text()
        if port := re.search(r"^port: +(\d+)\n", output, re.MULTILINE):
            return process, int(port[1])
        if process.poll() is not None:
            break
    process.kill()
    sys.exit(f"WireMock did not start:\n{output}")


def comparable(status, content_type, text):
    """Returns a response as a value that can be compared, with a JSON body parsed."""
    return status, content_type or "", json.loads(text) if text and "json" in (content_type or "") else text


def send(connection, request):
    """Sends the request of a HAR entry and returns the response, in comparable form."""
    url = urllib.parse.urlsplit(request["url"])
    target = url.path + (f"?{url.query}" if url.query else "")
    headers = {header["name"]: header["value"] for header in request["headers"]}
    body = request["postData"]["text"].encode() if "postData" in request else None
    connection.request(request["method"], target, body, headers)
    response = connection.getresponse()
    return comparable(response.status, response.getheader("content-type"), response.read().decode())


def main(standin, *options):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name in ("json", "har", "wiremock"):
            command = [standin, "fixtures", "--format", name, "--out", folder / name, *options]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        # The HAR has the requests; the JSON fixtures tell which of them form a sequence.
        entries = json.loads((folder / "har" / "fixtures.har").read_text())["log"]["entries"]
        rest = iter(entries)
        sequences, wrong = 0, []
        process, port = wiremock(folder, folder / "wiremock")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            for entry in json.loads((folder / "json" / "index.json").read_text())["fixtures"]:
                fixture = json.loads((folder / "json" / f"{entry['id']}.json").read_text())
                name, before = fixture["id"], fixture.get("before", [])
                if before:
                    sequences += 1
                    state = f"/__admin/scenarios/{name.replace('/', '.')}/state"
                    connection.request("PUT", state, '{"state": "ready"}')
                    reply = connection.getresponse()
                    reply.read()
                    if reply.status != 200:
                        wrong.append(f"{name}: setting its scenario returned {reply.status}")
                for _ in [*before, fixture]:
                    entry = next(rest)
                    response, content = entry["response"], entry["response"]["content"]
                    expected = comparable(response["status"], content["mimeType"], content["text"])
                    found = send(connection, entry["request"])
                    if found != expected:
                        wrong.append(f"{entry['comment']}\n  expected {expected}\n  found    {found}")
        finally:
            process.kill()
            process.wait()
    print("\n".join([*wrong[:20], ""]) if wrong else "", end="")
    print(f"WireMock: {len(entries)} requests, {sequences} sequences, {len(wrong)} responses differ from the mock")
    return 1 if wrong or not entries or next(rest, None) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
