#!/usr/bin/env python3
"""Shows that the MCP client for Python, unmodified, works with the tools of `standin mcp`: in a process of its own, and on a
running server.

Needs the Python package mcp, which .ci/install installs. Run: tests/clients/mcp_client.py STANDIN
"""

import asyncio
import json
import subprocess
import sys

from jsonschema import Draft202012Validator
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

NOUNS = {"operations", "send", "requests", "why", "records", "faults", "clock", "sessions", "run_scenario"}


class Tools:
    """The tools of a server: each call checks the arguments against the schema that the server lists."""

    def __init__(self, session, tools):
        self.session = session
        self.schemas = {tool.name: tool.input_schema for tool in tools}

    async def __call__(self, name, **arguments):
        Draft202012Validator(self.schemas[name]).validate(arguments)
        result = await self.session.call_tool(name, arguments)
        assert not result.is_error, result
        assert json.loads(result.content[0].text) == result.structured_content
        return result.structured_content

    async def error(self, name, **arguments):
        result = await self.session.call_tool(name, arguments)
        assert result.is_error, result
        return result.content[0].text


async def use_tools(standin, *options):
    """Does what an agent does that looks for the reason of a rejected request."""
    async with stdio_client(StdioServerParameters(command=standin, args=["mcp", *options])) as streams:
        async with ClientSession(*streams) as session:
            server = await session.initialize()
            assert server.server_info.name == "standin" and "why" in server.instructions
            tools = (await session.list_tools()).tools
            assert NOUNS <= {tool.name for tool in tools}, tools
            for tool in tools:
                Draft202012Validator.check_schema(tool.input_schema)
                assert tool.description and "$ref" not in json.dumps(tool.input_schema), tool.name
            await find_the_reason(Tools(session, tools))
            return len(tools)


async def find_the_reason(call):
    found = (await call("operations", contains="POST /platform/v1/clients"))["operations"]
    create = next(operation for operation in found if operation["path"] == "/platform/v1/clients")
    tokens = (await call("tokens"))["tokens"]
    staff = next(token["authorization"] for token in tokens if token["kind"] == "staff")

    await call("create_session", id="agent")
    sample = await call("sample", session="agent", operation=f"POST {create['path']}")
    headers = {**sample.get("headers", {}), "Authorization": staff}
    path = sample["path"]
    sent = await call("send", session="agent", method="POST", path=path, headers=headers, body={"email": 7})
    assert sent["status"] >= 400, sent

    rejected = (await call("requests", session="agent", status="4xx"))["requests"]
    why = await call("why", session="agent", seq=rejected[-1]["seq"])
    assert why["operation"] == f"POST {create['path']}" and why["error"], why

    body = {"first_name": "Ada", "email": "ada@example.com"}
    sent = await call("send", session="agent", method="POST", path=path, headers=headers, body=body)
    assert sent["status"] in (200, 201), sent
    clients = (await call("records", session="agent", kind="client"))["records"]
    assert any(client.get("email") == "ada@example.com" for client in clients)
    verdict = await call(
        "verify", session="agent", match={"method": "POST", "body": {"email": "ada@example.com"}}, count={"exactly": 1}
    )
    assert verdict["verdict"] == "passed", verdict

    fault = await call("add_fault", session="agent", path=create["path"], status={"code": 429}, count=1)
    assert (await call("send", session="agent", method="POST", path=path, headers=headers, body=body))["status"] == 429
    await call("remove_fault", session="agent", fault=fault["id"])

    before = (await call("clock", session="agent"))["now"]
    assert (await call("set_clock", session="agent", advance="30d"))["now"] > before

    step = {"id": "list", "method": "GET", "path": create["path"], "expect": {"status": 401}}
    scenario = {"scenario": "no-token", "steps": [step]}
    report = await call("run_scenario", session="agent", scenario=scenario)
    assert (report["passed"], report["failed"]) == (1, 0), report

    assert "agent" in [session["id"] for session in (await call("sessions"))["sessions"]]
    assert not (await call("requests"))["requests"], "the session `default` has requests of another session"
    await call("delete_session", session="agent")

    assert "there is no session `agent`" in await call.error("clock", session="agent")
    assert "has no parameter `sesion`" in await call.error("clock", sesion="agent")
    assert "needs the parameter `seq`" in await call.error("why")
    assert "ask for less" in await call.error("operations")


def main(standin):
    count = asyncio.run(use_tools(standin))
    options = ["--port", "0", "--ready-json", "--admin-token", "for-agents"]
    process = subprocess.Popen([standin, "serve", *options], stdout=subprocess.PIPE, text=True)
    try:
        url = json.loads(process.stdout.readline())["control_url"]
        asyncio.run(use_tools(standin, "--control", url, "--admin-token", "for-agents"))
        refused = subprocess.run([standin, "mcp", "--control", url], capture_output=True, text=True, timeout=60)
        assert refused.returncode == 2 and "401" in refused.stderr and not refused.stdout, refused
    finally:
        process.terminate()
        assert process.wait(30) == 0
    print(f"the MCP client uses the {count} tools of a mock in the process and of a running server")


main(sys.argv[1])
