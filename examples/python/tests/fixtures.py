"""Reading the JSON fixtures of `standin fixtures`."""

import copy
from pathlib import Path
from urllib.parse import quote, unquote

from standin_client import Request

from .setting import read, setting

SCHEMA = "standin-fixture/1"


def fixtures():
    """Every fixture of the folder, in the order of its index."""
    folder = Path(setting("STANDIN_FIXTURES"))
    found = [read(folder / f"{entry['id']}.json") for entry in read(folder / "index.json")["fixtures"]]
    unknown = {fixture["schema"] for fixture in found} - {SCHEMA}
    if unknown or not found:
        raise RuntimeError(f"{folder}: {len(found)} fixtures, of unknown form: {unknown or 'none'}; expected {SCHEMA}")
    return found


def interactions(fixture):
    """What is sent before, in order, and last what the fixture is about."""
    return fixture.get("before", []) + [fixture]


def given(fixture, params):
    """The variables that provider states give; those of the server itself come first."""
    variables = {name: value for state in fixture["given"] for name, value in state["params"].items()}
    return {name: params.get(name, value) for name, value in variables.items()}


def with_references(interaction, variables):
    """The request with what it has from provider states and earlier answers in place."""
    request = copy.deepcopy(interaction["request"])
    for reference in interaction.get("references", []):
        if reference["variable"] in variables:
            put(request, reference["at"], variables[reference["variable"]])
    return request


def put(request, at, value):
    """Sets a place of a request: /path/3 is a segment; below /query, /headers and /body it is a JSON pointer."""
    part, *steps = [step.replace("~1", "/").replace("~0", "~") for step in at.split("/")[1:]]
    if part == "path":
        segments = request["path"].split("/")
        segments[int(steps[0]) + 1] = quote(str(value), safe="")
        request["path"] = "/".join(segments)
        return
    place = request[part]
    for step in steps[:-1]:
        place = place[int(step) if isinstance(place, list) else step]
    place[int(steps[-1]) if isinstance(place, list) else steps[-1]] = value


def captured(interaction, body):
    """The variables that an answer gives to later requests."""
    found = {}
    for capture in interaction.get("captures", []):
        value = body
        for step in capture["at"].split("/")[1:]:
            value = value[int(step) if isinstance(value, list) else step.replace("~1", "/").replace("~0", "~")]
        found[capture["variable"]] = value
    return found


def scheme(token):
    """Tokens of inTandem's own programs have a word of their own."""
    return "Admin" if token in ("admin", "internal") else "Bearer"


def segment(request, place):
    return unquote(request["path"].split("/")[place + 1])


def as_sent(request, tokens):
    """The request of a fixture as the SDK is to send it. A token that nobody knows stands there by its name."""
    headers = dict(request.get("headers", {}))
    token = request.get("token")
    if token:
        headers["authorization"] = f"{scheme(token)} {tokens.get(token, token)}"
    return Request(
        request["gateway"], request["method"], request["path"], request.get("query", {}), headers, request.get("body")
    )
