//! The process is killed while it writes its state: the file is always a whole snapshot, and never an older one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::{Folder, send};

/// The number of orders, and the size of each: a state takes long enough to be written that kills come in between.
const ORDERS: u64 = 40;
const SIZE: usize = 50_000;

/// The order with a number: its text begins with the number of the write.
fn order(number: u64) -> Value {
    json!({"item": format!("{number}:{}", "tea ".repeat(SIZE / 4))})
}

/// The numbers of the writes in the file, by order; `None` before the first write.
fn numbers(folder: &Folder) -> Option<Vec<u64>> {
    let text = std::fs::read_to_string(folder.state()).ok()?;
    let document: Value =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}; the file has {} bytes", text.len()));
    assert_eq!(document["snapshot"]["version"], 1);
    let orders = document["records"]["orders"].as_array().cloned().unwrap_or_default();
    Some(
        orders
            .iter()
            .map(|order| {
                order["item"].as_str().and_then(|item| item.split(':').next()?.parse().ok()).expect("a number")
            })
            .collect(),
    )
}

/// The last write in the file. The writes before it are there too: the file shows one moment.
fn last_number(folder: &Folder) -> Option<u64> {
    let numbers = numbers(folder)?;
    let last = numbers.iter().max().copied()?;
    let mut expected: Vec<u64> = (last.saturating_sub(ORDERS - 1).max(1)..=last).collect();
    let mut found = numbers;
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected, "the writes before {last}");
    Some(last)
}

/// The ids of the orders in the file, in the order of their creation.
fn ids(folder: &Folder) -> Vec<String> {
    let document = if folder.state().exists() { folder.document() } else { Value::Null };
    let orders = document["records"]["orders"].as_array().cloned().unwrap_or_default();
    orders.iter().map(|order| order["id"].as_str().expect("an id").to_owned()).collect()
}

/// Writes orders with numbers from this one on, one after the other: new ones, then the oldest again.
fn write(api: &str, mut ids: Vec<String>, first: u64, stop: &AtomicBool) {
    for number in first.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let known = ids.get(((number - 1) % ORDERS) as usize);
        let (method, path) = known.map_or(("POST", "/orders".to_owned()), |id| ("PUT", format!("/orders/{id}")));
        let Some((status, made)) = send(api, method, &path, &order(number)) else { return };
        assert!((200..300).contains(&status), "{status} {made}");
        if method == "POST" {
            ids.push(made["id"].as_str().expect("an id").to_owned());
        }
    }
}

/// Kills a server that often, half of the times just after it has begun to write. Returns how often the kill interrupted a
/// write.
fn kill(times: usize) -> usize {
    let (folder, mut random) = (Folder::new(), ChaCha8Rng::seed_from_u64(1));
    let temporary = folder.0.path().join("state/.default.json.tmp");
    let (mut known, mut interrupted) = (0, 0);
    for round in 0..times {
        let _ = std::fs::remove_file(&temporary);
        let server = folder.start(&["--state-interval", "0.01", "--with-secrets", "--quiet"]);
        // The server has the state of the file.
        let (_, shown) = server.api("GET", "/orders?per_page=100", &Value::Null);
        assert_eq!(shown.as_array().map_or(0, Vec::len), numbers(&folder).map_or(0, |numbers| numbers.len()));
        let stop = Arc::new(AtomicBool::new(false));
        let (api, stopped) = (server.api.clone(), Arc::clone(&stop));
        let ids = ids(&folder);
        let writer = std::thread::spawn(move || write(&api, ids, known + 1, &stopped));
        let begun = Instant::now();
        let until = Duration::from_millis(random.random_range(0..400));
        while begun.elapsed() < until {
            known = last_number(&folder).unwrap_or(0).max(known);
        }
        if round % 2 == 0 {
            while !temporary.exists() && begun.elapsed() < Duration::from_secs(2) {}
            std::thread::sleep(Duration::from_micros(random.random_range(0..3000)));
        }
        server.kill();
        stop.store(true, Ordering::Relaxed);
        writer.join().expect("the writer");
        interrupted += usize::from(temporary.exists());
        let last = last_number(&folder).unwrap_or(0);
        assert!(last >= known, "round {round}: the file has write {last}, and had write {known} before");
        known = last;
    }
    interrupted
}

#[test]
fn a_kill_at_any_point_leaves_a_whole_state() {
    let interrupted = kill(20);
    assert!(interrupted >= 4, "only {interrupted} kills interrupted a write");
}

/// Takes some minutes.
#[test]
#[ignore = "takes some minutes; .ci/long runs it"]
fn two_hundred_kills_lose_no_state() {
    let interrupted = kill(200);
    assert!(interrupted >= 50, "only {interrupted} kills interrupted a write");
}
