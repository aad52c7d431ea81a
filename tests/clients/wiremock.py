#!/usr/bin/env python3
"""Shows that WireMock answers as the mock does: it loads the stubs that standin makes, is sent every request of the HAR
that standin makes, and has to answer with the status, content type and body that stand there.

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


def read(status, kind, text):
    """An answer in a form that can be compared."""
    return status, kind or "", json.loads(text) if text and "json" in (kind or "") else text


def send(connection, request):
    """Sends the request of an entry of a HAR: what comes."""
    url = urllib.parse.urlsplit(request["url"])
    target = url.path + (f"?{url.query}" if url.query else "")
    headers = {header["name"]: header["value"] for header in request["headers"]}
    body = request["postData"]["text"].encode() if "postData" in request else None
    connection.request(request["method"], target, body, headers)
    answer = connection.getresponse()
    return read(answer.status, answer.getheader("content-type"), answer.read().decode())


def main(standin, *options):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for form in ("json", "har", "wiremock"):
            command = [standin, "fixtures", "--format", form, "--out", folder / form, *options]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        # The archive has the requests, the fixtures say which of them are sequences.
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
                    answer = connection.getresponse()
                    answer.read()
                    if answer.status != 200:
                        wrong.append(f"{name}: its scenario is answered {answer.status}")
                for _ in [*before, fixture]:
                    entry = next(rest)
                    response, content = entry["response"], entry["response"]["content"]
                    wanted = read(response["status"], content["mimeType"], content["text"])
                    got = send(connection, entry["request"])
                    if got != wanted:
                        wrong.append(f"{entry['comment']}\n  wanted {wanted}\n  got    {got}")
        finally:
            process.kill()
            process.wait()
    print("\n".join([*wrong[:20], ""]) if wrong else "", end="")
    print(f"WireMock: {len(entries)} requests, {sequences} sequences, {len(wrong)} answers are not those of the mock")
    return 1 if wrong or not entries or next(rest, None) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
