mod control;
mod tools;

use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::{ErrorData, ServerHandler, ServiceExt as _};

use self::control::Control;
use self::tools::Tools;
use super::api::ApiOptions;
use super::support::inputs::url;
use super::{CliError, Exit};
use crate::admin::Admin;
use crate::pipeline::{Mock, MockLimits};

/// The instructions for agents, a part of the handshake.
const INSTRUCTIONS: &str = "A stateful mock of an HTTP API. `operations` finds operations, `sample` shows a valid request of \
    one, `send` sends a request, `tokens` lists values for its Authorization header. `requests` lists what was received; `why` \
    shows one request with the operation, the error and its place in the contract, quirks, faults and changed records. \
    `add_fault` makes responses slow or fail, `set_clock` lets time pass. Each session has its own records, clock and faults; \
    tools use the session `default` unless `session` names another.";

/// Serves the control API as tools of the Model Context Protocol (MCP), on stdin and stdout
///
/// An editor or an agent starts this program and ends it by closing stdin. Without --control, the mock is a part of this
/// process: `send` reaches it, other programs do not. With --control, the tools work on a server that is running.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  standin mcp\n  standin mcp --swagger my-api/\n  standin mcp --control http://127.0.0.1:4011"
)]
pub(super) struct Mcp {
    /// The URL of the control API of a running server
    #[arg(long, value_name = "URL", value_parser = url, conflicts_with = "ApiOptions")]
    control: Option<String>,

    /// The admin token of that server
    #[arg(long, value_name = "TOKEN", requires = "control")]
    admin_token: Option<String>,

    #[command(flatten)]
    api: ApiOptions,
}

impl Mcp {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let control = match &self.control {
            Some(url) => Control::remote(url, self.admin_token.as_deref())?,
            None => Control::in_process(self.admin()?),
        };
        let tools = Tools::of(&control).map_err(CliError::Usage)?;
        let failed = |error: &dyn std::fmt::Display| CliError::System(std::io::Error::other(error.to_string()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let service = McpServer { control, tools }.serve(rmcp::transport::stdio()).await;
            let service = match service {
                Ok(service) => service,
                // stdin was closed before the first request.
                Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
                Err(error) => return Err(failed(&error)),
            };
            service.waiting().await.map(|_| ()).map_err(|error| failed(&error))
        })?;
        Ok(Exit::Success)
    }

    /// The control API of a mock in this process.
    fn admin(&self) -> Result<Admin, CliError> {
        let engine = self.api.engine()?;
        let scenario = self.api.scenario(&engine)?;
        let state = self.api.state(&engine, &scenario, self.api.clock(&scenario, Timestamp::now()))?;
        let mut admin = Admin::new(Arc::new(Mock::new(engine, state, MockLimits::default())));
        admin.server.scenario = Some(scenario.name);
        Ok(admin)
    }
}

/// The tools of one control API.
struct McpServer {
    control: Control,
    tools: Tools,
}

impl ServerHandler for McpServer {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools.list()))
    }

    async fn call_tool(
        &self,
        params: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = self.tools.find(&params.name) else {
            return Err(ErrorData::invalid_params(format!("there is no tool `{}`", params.name), None));
        };
        let result = tool.request(params.arguments.unwrap_or_default()).and_then(|request| self.control.send(&request));
        let result = match result {
            Ok(reply) if reply.is_success => CallToolResult::structured(reply.body),
            Ok(reply) => CallToolResult::structured_error(reply.body),
            Err(error) => CallToolResult::error(vec![ContentBlock::text(error)]),
        };
        Ok(result.into())
    }
}
