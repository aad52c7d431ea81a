//! `standin mcp`: JSON-RPC on stdin and stdout, one message on a line.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::stderr;

/// The responses to these requests, in order, after the handshake.
fn responses(options: &[&str], requests: &[(&str, Value)]) -> Vec<Value> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_standin"))
        .arg("mcp")
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let client =
        json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}});
    let mut messages = vec![
        json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": client}),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
    ];
    messages.extend(requests.iter().enumerate().map(
        |(index, (method, params))| json!({"jsonrpc": "2.0", "id": index + 1, "method": method, "params": params}),
    ));
    let mut stdin = child.stdin.take().expect("a pipe");
    for message in messages {
        writeln!(stdin, "{message}").expect("it reads");
    }
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", stderr(&output));
    let lines = String::from_utf8(output.stdout).expect("text");
    let mut received: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("stdout has messages only")).collect();
    received.sort_by_key(|message| message["id"].as_u64());
    received.drain(1..).map(|mut message| message["result"].take()).collect()
}

#[test]
fn mcp_tools_are_the_routes_of_the_control_api() {
    let send = json!({"name": "send", "arguments": {"method": "DELETE", "path": "/nowhere"}});
    let [tools, sent] = &responses(&[], &[("tools/list", json!({})), ("tools/call", send)])[..] else {
        panic!("two requests have two responses")
    };
    let tools = tools["tools"].as_array().expect("a list");
    let described = tools.iter().map(|tool| {
        let names = tool["inputSchema"]["properties"].as_object().expect("parameters").keys().cloned();
        let names: Vec<String> = names.collect();
        format!("{}({}): {}\n", tool["name"].as_str().unwrap_or_default(), names.join(", "), tool["description"])
    });
    insta::assert_snapshot!(described.collect::<String>());
    assert_eq!(sent["structuredContent"]["status"], 404);
    assert_eq!(sent["isError"], false);
}

#[test]
fn mcp_returns_problems_of_the_control_api_as_errors_of_the_tool() {
    let wrong = json!({"name": "set_clock", "arguments": {"advance": "soon"}});
    let received = responses(&[], &[("tools/call", wrong)]);
    assert_eq!(received[0]["isError"], true);
    assert_eq!(received[0]["structuredContent"]["errors"][0]["pointer"], "/advance");
}

#[test]
fn mcp_rejects_options_about_an_api_beside_a_running_server() {
    let output = super::standin(&["mcp", "--control", "http://127.0.0.1:9", "--seed", "7"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("cannot be used with"), "{}", stderr(&output));
}
