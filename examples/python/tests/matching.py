"""Compares a response with that of a fixture, by the fixture's matching rules."""

import re

FORMATS = {
    "uid": r"[a-z0-9]{16}",
    "uuid": r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
    "date": r"\d{4}-\d{2}-\d{2}",
    "date-time": r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.]\d+)?)?([Zz]|[+-]\d{2}(:?\d{2})?)",
    "email": r"[^@]+@[^ ]+",
    "uri": r"[a-z]+://.+",
    "decimal": r"[+-]?\d*[.]?\d*",
}


def differences(interaction, response, variables):
    """Returns the differences between a response and that of a fixture, one line each."""
    expected = interaction["response"]
    if response.status != expected["status"]:
        return [f"/status: {response.status} instead of {expected['status']}, {response.body}"]
    rules = {rule["at"]: rule for rule in interaction.get("matching", [])}
    return list(differing(expected["body"], response.body, "", "", rules, variables))


def differing(expected, found, at, rule_at, rules, variables):
    """Yields the differences. `at` is a JSON pointer; `rule_at` is one with `*` for the index of an element."""
    rule = rules.get(rule_at, {"by": "type"})
    by = rule["by"]
    if by == "any":
        return
    if json_type(expected) != json_type(found):
        yield f"{at}: {json_type(found)} instead of {json_type(expected)}"
    elif by == "exact":
        if found != expected:
            yield f"{at}: {found!r} instead of {expected!r}"
    elif isinstance(expected, dict):
        for name in expected.keys() | found.keys():
            step = "/" + name.replace("~", "~0").replace("/", "~1")
            if name not in found:
                yield f"{at}{step}: missing"
            elif name not in expected:
                yield f"{at}{step}: unexpected"
            else:
                yield from differing(expected[name], found[name], at + step, rule_at + step, rules, variables)
    elif isinstance(expected, list):
        if expected and not found:
            yield f"{at}: an empty list"
        for index, element in enumerate(found if expected else []):
            example = expected[index] if index < len(expected) else expected[0]
            yield from differing(example, element, f"{at}/{index}", rule_at + "/*", rules, variables)
    elif by == "format" and not re.fullmatch(FORMATS[rule["format"]], found):
        yield f"{at}: {found!r} does not match the format {rule['format']}"
    elif by == "reference" and str(found) != str(variables.get(rule["variable"], found)):
        yield f"{at}: {found!r} instead of {rule['variable']}, {variables[rule['variable']]!r}"


def json_type(value):
    names = {type(None): "null", bool: "boolean", int: "number", float: "number", str: "string", list: "array"}
    return names.get(type(value), "object")
