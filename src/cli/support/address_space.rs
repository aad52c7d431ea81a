#[cfg(all(target_os = "linux", target_env = "gnu"))]
use std::os::unix::process::CommandExt as _;

/// The environment variable that limits the arenas of glibc's allocator. It is read once, when a program starts.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const ARENAS: &str = "MALLOC_ARENA_MAX";

/// Starts the program again, in the same process, with one arena of glibc's allocator if its address space is limited
/// (`ulimit -v`). Each thread uses that allocator once when it starts, and would reserve 64 MiB of address space for an arena
/// of its own: most of a small limit. Without a limit, or if that fails, nothing happens.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn use_one_arena() {
    let is_limited = std::fs::read_to_string("/proc/self/limits").is_ok_and(|limits| {
        let line = limits.lines().find_map(|line| line.strip_prefix("Max address space"));
        line.and_then(|line| line.split_whitespace().next()).is_some_and(|soft| soft != "unlimited")
    });
    if !is_limited || std::env::var_os(ARENAS).is_some() {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        let mut arguments = std::env::args_os();
        let name = arguments.next().unwrap_or_else(|| program.clone().into());
        // It returns only if it fails: the program then goes on as it is.
        let _ = std::process::Command::new(program).arg0(name).args(arguments).env(ARENAS, "1").exec();
    }
}

/// Other systems need nothing.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn use_one_arena() {}
