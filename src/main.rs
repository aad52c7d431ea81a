//! The `standin` program: parse, run, exit.

use std::process::ExitCode;

/// Reading contracts and serving requests allocate many small values; this allocator is faster at it than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    standin::cli::run(std::env::args_os()).into()
}
