"""Reads the JSON fixtures of `standin fixtures`."""

import copy
import json
from urllib.parse import quote, unquote

from standin_client import Request

SCHEMA = "standin-fixture/1"


def fixtures(folder):
    """Returns all fixtures of the folder, in the order of its index."""
    found = [read(folder / f"{entry['id']}.json") for entry in read(folder / "index.json")["fixtures"]]
    unknown = {fixture["schema"] for fixture in found} - {SCHEMA}
    if not found:
        raise RuntimeError(f"{folder}: no fixtures")
    if unknown:
        raise RuntimeError(f"{folder}: unknown schema {', '.join(sorted(unknown))}; expected {SCHEMA}")
    return found


def interactions(fixture):
    """Returns the interactions that prepare the fixture, in order, and then the fixture itself."""
    return fixture.get("before", []) + [fixture]


def given(fixture, params):
    """Returns the variables of the provider states. Values of the server (`params`) take precedence."""
    variables = {name: value for state in fixture["given"] for name, value in state["params"].items()}
    return {name: params.get(name, value) for name, value in variables.items()}


def with_references(interaction, variables):
    """Returns the request with the values of variables (from provider states and earlier responses) inserted."""
    request = copy.deepcopy(interaction["request"])
    for reference in interaction.get("references", []):
        if reference["variable"] in variables:
            put(request, reference["at"], variables[reference["variable"]])
    return request


def put(request, at, value):
    """Sets a value in a request. `/path/3` is a path segment; `/query`, `/headers` and `/body` begin JSON pointers."""
    part, *steps = [step.replace("~1", "/").replace("~0", "~") for step in at.split("/")[1:]]
    if part == "path":
        segments = request["path"].split("/")
        segments[int(steps[0]) + 1] = quote(str(value), safe="")
        request["path"] = "/".join(segments)
        return
    parent = request[part]
    for step in steps[:-1]:
        parent = parent[int(step) if isinstance(parent, list) else step]
    parent[int(steps[-1]) if isinstance(parent, list) else steps[-1]] = value


def captured(interaction, body):
    """Returns the variables that later requests take from this response."""
    found = {}
    for capture in interaction.get("captures", []):
        value = body
        for step in capture["at"].split("/")[1:]:
            value = value[int(step) if isinstance(value, list) else step.replace("~1", "/").replace("~0", "~")]
        found[capture["variable"]] = value
    return found


def scheme(token):
    """Returns the Authorization scheme of a token: operator tokens of inTandem use `Admin`."""
    return "Admin" if token in ("admin", "internal") else "Bearer"


def segment(request, index):
    """Returns a segment of the request's path, decoded."""
    return unquote(request["path"].split("/")[index + 1])


def as_sent(request, tokens):
    """Returns the request that the SDK should send for a fixture. An unknown token is sent by its name."""
    headers = dict(request.get("headers", {}))
    token = request.get("token")
    if token:
        headers["authorization"] = f"{scheme(token)} {tokens.get(token, token)}"
    return Request(
        request["gateway"], request["method"], request["path"], request.get("query", {}), headers, request.get("body")
    )


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))
