#!/usr/bin/env python3
"""Records an app that calls servers of someone else, and replays and verifies the recordings as they are written.

- moto imitates AWS, with state: the app creates a table and a pool of users, signs a person up, and stores a file.
- Prism serves the examples of a contract: the app lists, creates, reads and deletes a customer. The mock replays this too.

No secret and no personal value of the app is in any file, in the log of the recorder or in the reports.

Needs the Python and npm packages of .ci/install. Run: tests/clients/record_foreign.py [standin binary]
"""

import json
import logging
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

import requests
from moto.server import ThreadedMotoServer

ROOT = pathlib.Path(__file__).resolve().parents[2]
STANDIN = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "target/debug/standin"
PRISM = ROOT / "target/ci/node_modules/.bin/prism"


def sent(response, *statuses):
    """The response to a request, if it has one of the expected statuses."""
    request = response.request
    assert response.status_code in statuses, f"{request.method} {request.url}: {response.status_code} {response.text}"
    return response


class Moto:
    """AWS. The contract has its paths only; everything else is seen in the traffic."""

    contract = """
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
    key_id, signature, password = "AKIAQ7ZEXAMPLE42XY", "9b1c7d3e5f60718293a4b5c6d7e8f901", "Sommer-2031!"
    email, phone, tax_id, card = "ada.lovelace@analytical.org", "+14155552671", "12-3456789", "4242 4242 4242 4242"
    secrets = [key_id, signature, password, email, phone, phone[2:], tax_id, card, "Lovelace", "ada_l", "Marylebone", "1815-12-10"]
    # The mock cannot replay it: all actions of AWS share one path.
    mock_replays = False

    def __init__(self, folder):
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.server.start()
        host, port = self.server.get_host_and_port()
        self.base = f"http://{host}:{port}"

    def reset(self):
        requests.post(f"{self.base}/moto-api/reset", timeout=60).raise_for_status()

    def stop(self):
        self.server.stop()

    def call(self, base, service, target, body, signed):
        headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0"}
        if signed:
            scope = f"{self.key_id}/20310601/us-east-1/{service}/aws4_request"
            parts = f"Credential={scope}, SignedHeaders=host;x-amz-date, Signature={self.signature}"
            headers["Authorization"] = f"AWS4-HMAC-SHA256 {parts}"
        return sent(requests.post(f"{base}/", headers=headers, data=json.dumps(body), timeout=60), 200).json()

    def run(self, base):
        table = lambda action, **body: self.call(
            base, "dynamodb", f"DynamoDB_20120810.{action}", {"TableName": "people", **body}, signed=True
        )
        users = lambda action, **body: self.call(
            base, "cognito-idp", f"AWSCognitoIdentityProviderService.{action}", body, signed=False
        )
        key = [{"AttributeName": "id", "KeyType": "HASH"}]
        types = [{"AttributeName": "id", "AttributeType": "S"}]
        table("CreateTable", KeySchema=key, AttributeDefinitions=types, BillingMode="PAY_PER_REQUEST")
        person = {"lastName": "Lovelace", "dateOfBirth": "1815-12-10", "city": "Marylebone", "taxId": self.tax_id}
        item = {name: {"S": value} for name, value in {"id": "p-10001", **person, "note": f"card {self.card}"}.items()}
        table("PutItem", Item=item)
        assert table("GetItem", Key={"id": {"S": "p-10001"}})["Item"] == item

        pool = users("CreateUserPool", PoolName="readers")["UserPool"]["Id"]
        client = users("CreateUserPoolClient", UserPoolId=pool, ClientName="app")["UserPoolClient"]["ClientId"]
        named = {"email": self.email, "phone_number": self.phone, "family_name": "Lovelace"}
        attributes = [{"Name": name, "Value": value} for name, value in named.items()]
        users("SignUp", ClientId=client, Username="ada_l", Password=self.password, UserAttributes=attributes)
        assert attributes[0] in users("AdminGetUser", UserPoolId=pool, Username="ada_l")["UserAttributes"]

        headers = {"Content-Type": "text/plain", "x-amz-acl": "public-read"}
        letter = f"Dear {self.email}, call {self.phone}"
        for method, path, data in [("PUT", "/letters", None), ("PUT", "/letters/first", letter), ("GET", "/letters/first", None)]:
            sent(requests.request(method, base + path, data=data, headers=headers, timeout=60), 200)


class Prism:
    """A mock of a contract, without state, that requires a token and valid requests."""

    contract = """
openapi: 3.0.3
info: {title: People, version: "1"}
security: [{token: []}]
paths:
  /v1/customers:
    get:
      parameters: [{name: email, in: query, schema: {type: string, format: email}}]
      responses:
        "200":
          description: all
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Customer'}}
              example: [{id: cus_10001, firstName: Ada, lastName: Lovelace, email: ada@analytical.org, phone: "+44 20 7946 0958"}]
        "401": {description: no token}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Customer'}}}}
      responses:
        "201": {$ref: '#/components/responses/Customer'}
        "422": {description: invalid}
  /v1/customers/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {$ref: '#/components/responses/Customer'}, "404": {description: none}}}
    delete: {responses: {"204": {description: gone}}}
components:
  securitySchemes: {token: {type: http, scheme: bearer}}
  responses:
    Customer:
      description: one
      content:
        application/json:
          schema: {$ref: '#/components/schemas/Customer'}
          example: {id: cus_10002, firstName: Grace, lastName: Hopper, email: grace@navy.mil, phone: "+1 415 555 2671"}
  schemas:
    Customer:
      type: object
      required: [firstName, lastName, email]
      properties:
        id: {type: string}
        firstName: {type: string, minLength: 1}
        lastName: {type: string}
        email: {type: string, format: email}
        phone: {type: string, pattern: '^[+][0-9 ]+$'}
"""
    token = "live-token-4711-abc"
    secrets = [token, "Ada", "Lovelace", "analytical", "7946 0958", "Grace", "Hopper", "navy", "555 2671", "Katherine", "Johnson", "kj@", "555 2368"]
    mock_replays = True

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        command = [PRISM, "mock", "--host", "127.0.0.1", "--port", str(port), folder / "contract.yaml"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        for _ in range(600):
            try:
                requests.get(self.base, timeout=5)
                return
            except requests.ConnectionError:
                time.sleep(0.1)
        self.stop()
        sys.exit("Prism did not start")

    def reset(self):
        """It has no state."""

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()

    def run(self, base):
        customers, headers = f"{base}/v1/customers", {"Authorization": f"Bearer {self.token}"}
        sent(requests.get(customers, timeout=60), 401)
        sent(requests.get(customers, params={"email": "ada@analytical.org"}, headers=headers, timeout=60), 200)
        new = {"firstName": "Katherine", "lastName": "Johnson", "email": "kj@nasa.example", "phone": "+1 757 555 2368"}
        made = sent(requests.post(customers, json=new, headers=headers, timeout=60), 201).json()
        sent(requests.get(f"{customers}/{made['id']}", headers=headers, timeout=60), 200)
        sent(requests.delete(f"{customers}/{made['id']}", headers=headers, timeout=60), 204)


def standin(folder, *arguments):
    """Runs a command in a folder and returns what it prints."""
    ran = subprocess.run([STANDIN, *arguments], cwd=folder, capture_output=True, text=True, timeout=300)
    text = ran.stdout + ran.stderr
    print(f"$ standin {' '.join(arguments)}\n{text}", end="")
    if ran.returncode != 0:
        sys.exit(f"standin {arguments[0]} ended with exit code {ran.returncode}")
    return text


def record(folder, server):
    """Records the app. Returns what the recorder prints."""
    arguments = ["record", "--swagger", "contract.yaml", "--upstream", server.base, "--out", "app.yaml", "--port", "0", "--verbose"]
    with open(folder / "log", "w+") as log:
        recorder = subprocess.Popen([STANDIN, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            first = recorder.stdout.readline()
            server.run(re.search(r"http://\S+(?=,)", first).group())
        finally:
            recorder.send_signal(signal.SIGINT)
        rest, code = recorder.communicate(timeout=120)[0], recorder.returncode
        log.seek(0)
        text = first + rest + log.read()
    print(f"$ standin {' '.join(arguments)}\n{text}", end="")
    if code != 0:
        sys.exit(f"standin record ended with exit code {code}")
    return text


def check(kind, folder):
    (folder / "contract.yaml").write_text(kind.contract)
    server = kind(folder)
    contract, gateway = ["--swagger", "contract.yaml"], ["--gateway", server.base]
    try:
        reports = [record(folder, server)]
        if server.mock_replays:
            reports.append(standin(folder, "replay", "app.yaml", *contract))
        # Each begins with a server as empty as that of the recording.
        server.reset()
        reports.append(standin(folder, "replay", "app.yaml", *contract, *gateway))
        server.reset()
        reports.append(standin(folder, "verify", "app/", *contract, *gateway, "--writes"))
    finally:
        server.stop()
    files = [path for path in [folder / "app.yaml", *(folder / "app").rglob("*")] if path.is_file()]
    texts = reports + [path.read_text() for path in files]
    left = [secret for secret in server.secrets if any(secret in text for text in texts)]
    if left:
        sys.exit(f"found in the recording or in a report: {', '.join(left)}")
    counts = f"{len(server.secrets)} secrets and personal values is in {len(files)} files and {len(reports)} reports"
    print(f"{kind.__name__}: none of {counts}\n")


if __name__ == "__main__":
    for kind in [Moto, Prism]:
        with tempfile.TemporaryDirectory() as name:
            check(kind, pathlib.Path(name))
