#!/usr/bin/env python3
"""Shows that WireMock answers as the mock does: it loads the stubs that standin makes, is sent the request of every
fixture, with what goes before it, and has to answer with the fixture's status, headers and body.

Needs java and npm with a registry; WireMock is put into a temporary folder.
Run: tests/clients/wiremock.py STANDIN [options of `standin fixtures`, such as --operation GLOB]
"""

import http.client
import json
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.parse

PACKAGE = "wiremock@3.13.2"
PREFIX = {"main": "/apigw", "fallback": "/api2"}


def wiremock(folder, root):
    """Starts WireMock over a folder of mappings: the process and its port."""
    packed = subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.PIPE, text=True)
    with tarfile.open(folder / packed.stdout.split()[-1]) as package:
        package.extractall(folder / "wiremock")
    jar = next((folder / "wiremock").rglob("wiremock-standalone-*.jar"))
    command = ["java", "-jar", jar, "--port", "0", "--bind-address", "127.0.0.1", "--root-dir", root, "--no-request-journal"]
    log = folder / "wiremock.log"
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    for _ in range(300):
        time.sleep(0.2)
        said = log.read_text()
        if port := re.search(r"^port: +(\d+)\n", said, re.MULTILINE):
            return process, int(port[1])
        if process.poll() is not None:
            break
    process.kill()
    sys.exit(f"WireMock did not start:\n{said}")


def send(connection, tokens, request):
    """Sends a fixture's request: status, content type and body."""
    target = PREFIX[request["gateway"]] + request["path"]
    query = [(name, one) for name, value in request.get("query", {}).items()
             for one in (value if isinstance(value, list) else [value])]
    if query:
        target += "?" + urllib.parse.urlencode(query)
    headers = {name: value for name, value in request.get("headers", {}).items() if isinstance(value, str)}
    if token := request.get("token"):
        scheme = "Admin" if token in ("admin", "internal") else "Bearer"
        headers["Authorization"] = f"{scheme} {tokens.get(token, token)}"
    body = json.dumps(request["body"]).encode() if "body" in request else None
    connection.request(request["method"], target, body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    kind = answer.getheader("content-type")
    return answer.status, kind, json.loads(text) if text and "json" in (kind or "") else text or None


def main(standin, *options):
    run = lambda *arguments: subprocess.run([standin, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for form in ("json", "wiremock"):
            run("fixtures", "--format", form, "--out", folder / form, *options)
        tokens = json.loads(run("tokens", "--json"))["tokens"]
        index = json.loads((folder / "json" / "index.json").read_text())
        process, port = wiremock(folder, folder / "wiremock")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            sent, sequences, wrong = 0, 0, []
            for path in index["files"]:
                fixture = json.loads((folder / "json" / path).read_text())
                before = fixture.get("before", [])
                if before:
                    name = fixture["id"].replace("/", ".")
                    connection.request("PUT", f"/__admin/scenarios/{name}/state", '{"state": "ready"}')
                    answer = connection.getresponse()
                    answer.read()
                    if answer.status != 200:
                        wrong.append(f"{fixture['id']}: its scenario is answered {answer.status}")
                    sequences += 1
                for place, interaction in enumerate([*before, fixture]):
                    response = interaction["response"]
                    wanted = response["status"], response.get("headers", {}).get("content-type"), response["body"]
                    got = send(connection, tokens, interaction["request"])
                    sent += 1
                    if got != wanted:
                        wrong.append(f"{fixture['id']}, request {place + 1}:\n  wanted {wanted}\n  got    {got}")
        finally:
            process.kill()
            process.wait()
    print("\n".join(wrong[:20]))
    print(f"WireMock: {sent} requests, {sequences} sequences, {len(wrong)} answers are not those of the fixtures")
    return 1 if wrong or not sent else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
