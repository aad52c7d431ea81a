#!/usr/bin/env python3
"""Sends a plausible request to every operation of a folder of contracts and validates the response without standin's own
code: the status must be a documented success, and Python's jsonschema must accept the body.

Needs jsonschema, which .ci/install installs into target/ci/python.
Run: tests/clients/validate_responses.py [standin binary] [folder of JSON contracts]
"""
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import jsonschema

ROOT = Path(__file__).resolve().parents[2]
STANDIN = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/debug/standin").resolve()
FOLDER = Path(sys.argv[2] if len(sys.argv) > 2 else ROOT / "swagger").resolve()
METHODS = ("get", "post", "put", "patch", "delete")
# Operations that need related records, which a request from the contract alone cannot name.
NEEDS_RECORDS = {
    "POST /platform/v1/payment/client_packages": "a client and a package",
    "POST /platform/v1/payment/packages": "a service",
    "PUT /platform/v1/payment/client_packages/cancel_redemption": "a redemption",
    "GET /oauth/authorize": "a registered app, to whose URL it redirects",
    "GET /app/oauth/authorize": "a registered app, to whose URL it redirects",
    "PUT /v3/payment_processing/payment_gateways/{uid}": "a gateway of the caller's own app",
}
# Operations of the developers hub whose contract cannot be met, and why. The embedded contracts are corrected.
CONTRADICTORY = {
    "GET /v2/search": "the documented response fits several alternatives of a oneOf",
    "POST /platform/v1/businesses": "a business without a directory has a directory_id of null",
    "POST /v3/license/offerings": "the documented price is text, its schema wants a number",
}
files = {}


def read(path):
    if path not in files:
        files[path] = json.loads(path.read_text(encoding="utf-8"))
    return files[path]


def follow(ref, base):
    """Resolves a reference. Returns the value and the file that contains it."""
    target, _, pointer = ref.partition("#")
    if "/entities/" in target and target.startswith("http"):
        base = FOLDER.parent / "entities" / target.split("/entities/")[1]
    elif target:
        base = (base.parent / target).resolve()
    value = read(base)
    for step in filter(None, pointer.split("/")):
        value = value[urllib.parse.unquote(step).replace("~1", "/").replace("~0", "~")]
    return value, base


def resolved(schema, base, depth=0):
    """Converts an OpenAPI schema to JSON Schema, with all references replaced by their targets."""
    if isinstance(schema, list):
        return [resolved(part, base, depth) for part in schema]
    if not isinstance(schema, dict) or depth > 20:
        return {} if isinstance(schema, dict) else schema
    if isinstance(schema.get("$ref"), str):
        target, base = follow(schema["$ref"], base)
        return resolved(target, base, depth + 1)
    out = {}
    for key, value in schema.items():
        if key == "properties" and isinstance(value, dict):
            # One contract has a string in place of a property's schema.
            out[key] = {name: resolved(part, base, depth + 1) for name, part in value.items() if isinstance(part, dict)}
        elif key in ("enum", "const"):
            out[key] = value
        elif key == "required" and not isinstance(value, list):
            continue
        elif key in ("type", "format", "pattern") or not isinstance(value, (dict, list)) or key in (
            "required", "items", "allOf", "oneOf", "anyOf", "not", "additionalProperties"
        ):
            out[key] = resolved(value, base, depth + 1)
    # An enum must list null to allow it, also beside `nullable`.
    if (schema.get("nullable") or schema.get("x-nullable")) and ("enum" not in schema or None in schema["enum"]):
        out = {"anyOf": [out, {"type": "null"}]}
    return out


def value_of(schema, base, name="", depth=0):
    """Returns a value that the schema allows."""
    while isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        schema, base = follow(schema["$ref"], base)
    if not isinstance(schema, dict):
        return "x"
    for key in ("example", "default"):
        if schema.get(key) is not None:
            return schema[key]
    if schema.get("enum"):
        return next((value for value in schema["enum"] if value is not None), None)
    if schema.get("allOf"):
        own = {key: value for key, value in schema.items() if key in ("type", "properties")}
        parts = [value_of(part, base, name, depth + 1) for part in [*schema["allOf"], own] if part]
        return {key: value for part in parts if isinstance(part, dict) for key, value in part.items()}
    for key in ("oneOf", "anyOf"):
        if schema.get(key) and "properties" not in schema:
            return value_of(schema[key][0], base, name, depth + 1)
    kind = schema.get("type")
    kind = next((one for one in kind if one != "null"), "null") if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        parts = schema.get("properties", {}).items()
        return {key: value_of(part, base, key, depth + 1) for key, part in parts} if depth < 6 else {}
    if kind == "array":
        return [value_of(schema.get("items", {}), base, name, depth + 1)] if depth < 6 else []
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    if kind == "boolean":
        return True
    formats = {"date-time": "2027-01-01T00:00:00Z", "date": "2027-01-01", "email": "a@example.com", "uri": "https://example.com"}
    return formats.get(schema.get("format"), "k4w9zr2tq7mh1xpe"[: schema.get("maxLength", 16)])


def base_path(document):
    if "swagger" in document or "basePath" in document:
        return document.get("basePath", "").rstrip("/")
    servers = document.get("servers") or [{}]
    return urllib.parse.urlsplit(servers[0].get("url", "")).path.rstrip("/")


def request_of(document, base, path, item, operation):
    """Builds a plausible request. Returns its target, body and headers."""
    query, body, headers = [("business_id", "7c1e94d02ab85f36")], None, {"X-On-Behalf-Of": "7c1e94d02ab85f36"}
    for parameter in [*item.get("parameters", []), *operation.get("parameters", [])]:
        if "$ref" in parameter:
            parameter, _ = follow(parameter["$ref"], base)
        value = parameter.get("example", value_of(parameter.get("schema", parameter), base, parameter["name"]))
        text = value if isinstance(value, str) else json.dumps(value)
        if parameter["in"] == "path":
            path = path.replace("{%s}" % parameter["name"], urllib.parse.quote(text, safe=""))
        elif parameter["in"] == "query" and parameter.get("required") and parameter["name"] != "business_id":
            query.append((parameter["name"], text))
        elif parameter["in"] == "body":
            body = value_of(parameter.get("schema", {}), base)
    if "requestBody" in operation:
        content = operation["requestBody"].get("content") or {"": {}}
        media = content.get("application/json") or next(iter(content.values()))
        body = media.get("example", value_of(media.get("schema", {}), base))
    path = re.sub(r"\{[^}]+\}", "k4w9zr2tq7mh1xpe", base_path(document) + "/" + path.lstrip("/"))
    return path + "?" + urllib.parse.urlencode(query), body, headers


def reset(control):
    """Restores the initial state, so that no operation depends on another."""
    urllib.request.urlopen(urllib.request.Request("http://127.0.0.1:%d/reset" % control, b"", method="POST"), timeout=20)


def send(port, token, method, target, body, headers):
    """Sends a request through the fallback gateway and returns the status and the raw body."""
    headers = {**headers, "Authorization": "Bearer " + token, "Accept": "application/json"}
    data = None
    if body is not None:
        data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    url = "http://127.0.0.1:%d/api2%s" % (port, urllib.parse.quote(target, safe="/?=&%:@+,;!$'()*~"))
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=20) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def schema_of(response, base):
    """Returns the JSON schema of a documented response, or None, and the file that contains it."""
    if "$ref" in response:
        response, base = follow(response["$ref"], base)
    if "schema" in response:
        return response["schema"], base
    content = response.get("content") or {}
    media = next((media for kind, media in content.items() if "json" in kind), {})
    return media.get("schema"), base


def validate(port, control, token):
    """Sends a request to each operation. Returns the counts and the failures, one line each."""
    counts, wrong = {"operations": 0, "documented success": 0, "with a schema": 0, "valid": 0}, []
    for path in sorted(FOLDER.rglob("*.json")):
        document = read(path)
        for template, item in (document.get("paths") or {}).items():
            for method in METHODS:
                operation = item.get(method)
                if not isinstance(operation, dict):
                    continue
                counts["operations"] += 1
                key = "%s %s/%s" % (method.upper(), base_path(document), template.lstrip("/"))
                reset(control)
                status, raw = send(port, token, method.upper(), *request_of(document, path, template, item, operation))
                documented = operation.get("responses", {})
                if not 200 <= status < 300 or str(status) not in documented:
                    if key not in NEEDS_RECORDS:
                        wrong.append("%s returned %d: %s" % (key, status, raw[:200].decode(errors="replace")))
                    continue
                counts["documented success"] += 1
                schema, base = schema_of(documented[str(status)], path)
                if not schema:
                    continue
                counts["with a schema"] += 1
                try:
                    jsonschema.Draft202012Validator(resolved(schema, base)).validate(json.loads(raw))
                    counts["valid"] += 1
                except (ValueError, jsonschema.ValidationError) as error:
                    wrong.append("%s: %s" % (key, str(error).splitlines()[0][:200]))
    return counts, wrong


def main():
    arguments = [] if FOLDER == ROOT / "swagger" else ["--swagger", str(FOLDER)]
    command = [STANDIN, "serve", "--port", "0", "--unknown-ids", "answer", "--quirks", "documented", *arguments]
    mock = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        port = control = token = None
        for line in mock.stdout:
            words = line.split()
            if words[:1] == ["fallback"]:
                port = urllib.parse.urlsplit(words[1]).port
            if words[:1] == ["control"]:
                control = urllib.parse.urlsplit(words[1]).port
            if words[:1] == ["staff"]:
                token = words[1]
            if port and control and token:
                break
        time.sleep(0.1)
        counts, wrong = validate(port, control, token)
    finally:
        mock.terminate()
    if FOLDER != ROOT / "swagger":
        begins = tuple(key + end for key in CONTRADICTORY for end in (": ", " returned "))
        expected = [line for line in wrong if line.startswith(begins)]
        wrong = [line for line in wrong if line not in expected]
        print("contradictory: %d" % len(expected))
    for line in wrong:
        print("FAILED", line)
    print(", ".join("%s: %d" % pair for pair in counts.items()))
    print("status not checked, since they need related records: %d" % len(NEEDS_RECORDS))
    sys.exit(1 if wrong or not counts["operations"] else 0)


if __name__ == "__main__":
    main()
