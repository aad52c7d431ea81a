//! Keeps redirects of an upstream to itself on the proxy.

/// The target of a redirect on the proxy; `None` if it leads elsewhere. `bases` has the base URL of each upstream with the
/// prefix of its paths on the proxy, that of the response first. `host` is the name by which the client reached the proxy.
pub(super) fn to_proxy(target: &str, bases: &[(&str, &str)], host: &str) -> Option<String> {
    if let Some(path) = target.strip_prefix('/').filter(|rest| !rest.starts_with('/')) {
        // A path on the host of the upstream.
        let (base, prefix) = bases.first()?;
        let base_path = base.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or("");
        let below = format!("/{path}");
        return below_base(&below, base_path).map(|rest| format!("{prefix}{rest}"));
    }
    let target = if target.starts_with("//") {
        format!("{}:{target}", bases.first()?.0.split_once(':')?.0)
    } else {
        target.to_owned()
    };
    bases.iter().find_map(|(base, prefix)| {
        let rest = below_base(&target, base)?;
        Some(format!("http://{host}{prefix}{rest}"))
    })
}

/// What follows a base in a URL: nothing, a path, a query or a fragment.
fn below_base<'t>(target: &'t str, base: &str) -> Option<&'t str> {
    // Schemes and hosts are compared without case.
    let (start, rest) = target.split_at_checked(base.len())?;
    let is_end = rest.is_empty() || rest.starts_with(['/', '?', '#']);
    (start.eq_ignore_ascii_case(base) && is_end).then_some(rest)
}
