#!/usr/bin/env python3
"""Records an app that calls a server of someone else (moto, which imitates AWS), and replays and verifies the recording.

The app creates a table and a pool of users, signs a person up, and stores a file. The recording is replayed and verified
against the same server as it was written, without an edit. No secret and no personal value of the app is in any file, in the
log of the recorder or in the reports.

Needs the Python packages of .ci/install. Run: tests/clients/record_foreign.py [standin binary]
"""

import json
import logging
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

import requests
from moto.server import ThreadedMotoServer

ROOT = pathlib.Path(__file__).resolve().parents[2]
STANDIN = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "target/debug/standin"

# What the contract says about the server; everything else is seen in the traffic.
CONTRACT = """
openapi: 3.0.3
info: {title: Cloud, version: "1"}
paths:
  /:
    post: {responses: {"200": {description: done}}}
  /{bucket}:
    parameters: [{name: bucket, in: path, required: true, schema: {type: string}}]
    put: {responses: {"200": {description: made}}}
  /{bucket}/{key}:
    parameters:
      - {name: bucket, in: path, required: true, schema: {type: string}}
      - {name: key, in: path, required: true, schema: {type: string}}
    put: {responses: {"200": {description: stored}}}
    get: {responses: {"200": {description: the file}}}
"""

KEY_ID, SIGNATURE, PASSWORD = "AKIAQ7ZEXAMPLE42XY", "9b1c7d3e5f60718293a4b5c6d7e8f901", "Sommer-2031!"
EMAIL, PHONE, TAX_ID, CARD = "ada.lovelace@analytical.org", "+14155552671", "12-3456789", "4242 4242 4242 4242"
SECRETS = [KEY_ID, SIGNATURE, PASSWORD, EMAIL, PHONE, "4155552671", TAX_ID, CARD, "Lovelace", "ada_l", "Marylebone", "1815-12-10"]


class Cloud:
    """The app: calls AWS at a base URL."""

    def __init__(self, base):
        self.base = base

    def call(self, service, target, body, signed):
        headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0"}
        if signed:
            scope = f"{KEY_ID}/20310601/us-east-1/{service}/aws4_request"
            parts = f"Credential={scope}, SignedHeaders=host;x-amz-date, Signature={SIGNATURE}"
            headers["Authorization"] = f"AWS4-HMAC-SHA256 {parts}"
        response = requests.post(f"{self.base}/", headers=headers, data=json.dumps(body), timeout=60)
        assert response.status_code == 200, f"{target}: {response.status_code} {response.text}"
        return response.json()

    def table(self, action, **body):
        return self.call("dynamodb", f"DynamoDB_20120810.{action}", {"TableName": "people", **body}, signed=True)

    def users(self, action, **body):
        return self.call("cognito-idp", f"AWSCognitoIdentityProviderService.{action}", body, signed=False)

    def run(self):
        key = [{"AttributeName": "id", "KeyType": "HASH"}]
        types = [{"AttributeName": "id", "AttributeType": "S"}]
        self.table("CreateTable", KeySchema=key, AttributeDefinitions=types, BillingMode="PAY_PER_REQUEST")
        person = {"lastName": "Lovelace", "dateOfBirth": "1815-12-10", "city": "Marylebone", "taxId": TAX_ID, "note": f"card {CARD}"}
        item = {"id": {"S": "p-10001"}, **{name: {"S": value} for name, value in person.items()}}
        self.table("PutItem", Item=item)
        got = self.table("GetItem", Key={"id": {"S": "p-10001"}})
        assert got["Item"] == item, got

        pool = self.users("CreateUserPool", PoolName="readers")["UserPool"]["Id"]
        client = self.users("CreateUserPoolClient", UserPoolId=pool, ClientName="app")["UserPoolClient"]["ClientId"]
        attributes = [{"Name": "email", "Value": EMAIL}, {"Name": "phone_number", "Value": PHONE}, {"Name": "family_name", "Value": "Lovelace"}]
        self.users("SignUp", ClientId=client, Username="ada_l", Password=PASSWORD, UserAttributes=attributes)
        user = self.users("AdminGetUser", UserPoolId=pool, Username="ada_l")
        assert {"Name": "email", "Value": EMAIL} in user["UserAttributes"], user

        headers = {"Content-Type": "text/plain", "x-amz-acl": "public-read"}
        for method, path, data in [("PUT", "/letters", None), ("PUT", "/letters/first", f"Dear {EMAIL}, call {PHONE}"), ("GET", "/letters/first", None)]:
            response = requests.request(method, self.base + path, data=data, headers=headers, timeout=60)
            assert response.status_code == 200, f"{method} {path}: {response.status_code} {response.text}"


def standin(folder, *arguments):
    """Runs a command in a folder and returns what it prints."""
    ran = subprocess.run([STANDIN, *arguments], cwd=folder, capture_output=True, text=True, timeout=300)
    text = ran.stdout + ran.stderr
    print(f"$ standin {' '.join(arguments)}\n{text}", end="")
    if ran.returncode != 0:
        sys.exit(f"standin {arguments[0]} ended with exit code {ran.returncode}")
    return text


def record(folder, base):
    """Records the app. Returns what the recorder prints."""
    arguments = ["record", "--swagger", "cloud.yaml", "--upstream", base, "--out", "app.yaml", "--port", "0", "--verbose"]
    with open(folder / "log", "w+") as log:
        recorder = subprocess.Popen([STANDIN, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            first = recorder.stdout.readline()
            Cloud(re.search(r"http://\S+(?=,)", first).group()).run()
        finally:
            recorder.send_signal(signal.SIGINT)
        rest, code = recorder.communicate(timeout=120)[0], recorder.returncode
        log.seek(0)
        text = first + rest + log.read()
    print(f"$ standin {' '.join(arguments)}\n{text}", end="")
    if code != 0:
        sys.exit(f"standin record ended with exit code {code}")
    return text


def main():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    base = f"http://{host}:{port}"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "cloud.yaml").write_text(CONTRACT)
        reset = lambda: requests.post(f"{base}/moto-api/reset", timeout=60).raise_for_status()
        texts = [record(folder, base)]
        # Each begins with a server as empty as that of the recording.
        reset()
        texts.append(standin(folder, "replay", "app.yaml", "--swagger", "cloud.yaml", "--gateway", base))
        reset()
        texts.append(standin(folder, "verify", "app/", "--swagger", "cloud.yaml", "--gateway", base, "--writes"))
        files = [path for path in [folder / "app.yaml", *(folder / "app").rglob("*")] if path.is_file()]
        texts += [path.read_text() for path in files]
    server.stop()
    left = [secret for secret in SECRETS if any(secret in text for text in texts)]
    if left:
        sys.exit(f"found in the recording or in a report: {', '.join(left)}")
    print(f"none of {len(SECRETS)} secrets and personal values is in {len(files)} files and {len(texts) - len(files)} reports")


if __name__ == "__main__":
    main()
