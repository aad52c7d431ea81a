//! Follows requests through the bytes of a connection, so that each head is checked before the HTTP parser has it.

/// How much of a line is read, bytes: enough for the headers that say where a body ends.
const LINE_BYTES: usize = 64;

/// Finds line breaks that are only LF in the heads of requests. The HTTP parser accepts them; other servers and proxies read
/// such a head differently, so that a request could be smuggled past them (RFC 9112, section 2.2).
///
/// It is exact for requests that the parser accepts. After others, the connection closes.
#[derive(Default)]
pub(super) struct HeadScan {
    part: Part,
    /// The beginning of the present line of a head or of a chunked body.
    line: Vec<u8>,
    /// The byte before the next ones.
    last: u8,
    /// How the body of the present head ends.
    body: BodyEnd,
    /// Whether the present head has a line that is not empty.
    has_line: bool,
    /// The number of requests that have been read completely.
    complete: u64,
}

/// What the next bytes are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Head,
    /// The body, or a chunk of it with its line break; so many bytes.
    Body(u64),
    /// The line with the size of a chunk.
    ChunkSize,
    /// A chunk, after which another line with a size follows.
    Chunk(u64),
    /// The lines after the last chunk.
    Trailer,
    /// Unknown, after a line break that is only LF.
    Invalid,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum BodyEnd {
    #[default]
    None,
    Length(u64),
    Chunked,
}

impl HeadScan {
    /// The number of requests that have been read completely, if no part of another one has been read.
    pub(super) fn complete_requests(&self) -> Option<u64> {
        let is_between = self.part == Part::Head && !self.has_line && self.line.is_empty();
        is_between.then_some(self.complete)
    }

    fn end_request(&mut self) -> Part {
        self.complete += 1;
        Part::Head
    }

    /// The number of the next bytes that certainly belong to a body.
    pub(super) fn body_bytes(&self) -> u64 {
        match self.part {
            Part::Body(rest) | Part::Chunk(rest) => rest,
            Part::Invalid => u64::MAX,
            Part::Head | Part::ChunkSize | Part::Trailer => 0,
        }
    }

    fn skip(&mut self, count: u64) {
        self.part = match self.part {
            Part::Body(rest) if rest > count => Part::Body(rest - count),
            Part::Body(_) => self.end_request(),
            Part::Chunk(rest) if rest > count => Part::Chunk(rest - count),
            Part::Chunk(_) => Part::ChunkSize,
            other => other,
        };
    }

    /// The place of the first line break of a head that is only LF, if there is one in the next bytes. The connection replaces
    /// it by a character that no head may have, so that the parser responds with 400 and closes the connection.
    pub(super) fn check(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut from = 0;
        while from < bytes.len() {
            let rest = &bytes[from..];
            let skipped = usize::try_from(self.body_bytes()).unwrap_or(usize::MAX).min(rest.len());
            if skipped > 0 {
                self.skip(skipped as u64);
                from += skipped;
                continue;
            }
            let Some(end) = memchr::memchr(b'\n', rest) else {
                self.add(rest);
                return None;
            };
            let before = end.checked_sub(1).map_or(self.last, |index| rest[index]);
            if before != b'\r' && self.part == Part::Head {
                self.part = Part::Invalid;
                return Some(from + end);
            }
            match self.line.is_empty() {
                true => self.end_line(&rest[..end.min(LINE_BYTES)]),
                false => {
                    self.add(&rest[..end]);
                    let line = std::mem::take(&mut self.line);
                    self.end_line(&line);
                }
            }
            from += end + 1;
        }
        None
    }

    /// Adds bytes to the present line.
    fn add(&mut self, bytes: &[u8]) {
        let rest = LINE_BYTES - self.line.len();
        self.line.extend_from_slice(&bytes[..bytes.len().min(rest)]);
        self.last = bytes.last().copied().unwrap_or(self.last);
    }

    /// Ends a line, of which this is the beginning.
    fn end_line(&mut self, line: &[u8]) {
        let line = line.trim_ascii();
        self.part = match self.part {
            Part::Head if !line.is_empty() => {
                self.has_line = true;
                self.body = body_end(line).filter(|_| self.body != BodyEnd::Chunked).unwrap_or(self.body);
                Part::Head
            }
            // Empty lines before a request belong to none.
            Part::Head if !std::mem::take(&mut self.has_line) => Part::Head,
            Part::Head => match std::mem::take(&mut self.body) {
                BodyEnd::None | BodyEnd::Length(0) => self.end_request(),
                BodyEnd::Length(size) => Part::Body(size),
                BodyEnd::Chunked => Part::ChunkSize,
            },
            Part::ChunkSize => match chunk_size(line) {
                Some(0) => Part::Trailer,
                // The line break after the chunk belongs to it.
                Some(size) => Part::Chunk(size.saturating_add(2)),
                None => Part::Invalid,
            },
            Part::Trailer if line.is_empty() => self.end_request(),
            other => other,
        };
        self.last = b'\n';
    }
}

/// How a body ends, if the line of a head says so.
fn body_end(line: &[u8]) -> Option<BodyEnd> {
    let (name, value) = line.split_at(memchr::memchr(b':', line)?);
    let value = || std::str::from_utf8(&value[1..]).ok().map(str::trim);
    // Most headers have names of other lengths.
    match name.len() {
        17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
            value()?.to_ascii_lowercase().ends_with("chunked").then_some(BodyEnd::Chunked)
        }
        14 if name.eq_ignore_ascii_case(b"content-length") => value()?.parse().ok().map(BodyEnd::Length),
        _ => None,
    }
}

/// The size in the first line of a chunk, which may have extensions after a semicolon.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let size = std::str::from_utf8(line).ok()?.split(';').next()?;
    u64::from_str_radix(size.trim(), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::HeadScan;

    /// What remains of the pieces of a connection.
    fn checked(pieces: &[&str]) -> String {
        let mut scan = HeadScan::default();
        let mut out = Vec::new();
        for piece in pieces {
            let mut bytes = piece.as_bytes().to_vec();
            if let Some(place) = scan.check(&bytes) {
                bytes[place] = 0;
            }
            out.extend(bytes);
        }
        String::from_utf8(out).expect("text")
    }

    const WITH_LENGTH: &str = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\na\n\nb";
    const CHUNKED: &str =
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: a\r\n\r\n4;x=y\r\na\n\nb\r\n0\r\nA: b\r\n\r\n";

    #[test]
    fn line_break_without_cr_is_replaced_in_each_head_of_a_connection() {
        assert_eq!(checked(&["GET / HTTP/1.1\nHost: a\r\n\r\n"]), "GET / HTTP/1.1\0Host: a\r\n\r\n");
        for first in [WITH_LENGTH, CHUNKED, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"] {
            let both = |end: &str| format!("{first}GET /b HTTP/1.1\r\nHost: a{end}X: y\r\n\r\n");
            assert_eq!(checked(&[&both("\n")]), both("\0"));
            assert_eq!(checked(&[&both("\r\n")]), both("\r\n"));
        }
    }

    #[test]
    fn bodies_stay_as_they_are_wherever_the_pieces_end() {
        let all = [WITH_LENGTH, CHUNKED, WITH_LENGTH].concat();
        for end in 1..all.len() {
            assert_eq!(checked(&[&all[..end], &all[end..]]), all);
        }
        let bytes: Vec<String> = all.chars().map(String::from).collect();
        assert_eq!(checked(&bytes.iter().map(String::as_str).collect::<Vec<_>>()), all);
    }

    #[test]
    fn requests_are_counted_when_their_last_byte_was_read() {
        let mut scan = HeadScan::default();
        let mut counts = Vec::new();
        for piece in ["\r\n", WITH_LENGTH, "GET / HTTP/1.1\r\n", "\r\n", CHUNKED, "\r\n"] {
            let (before, last) = piece.split_at(piece.len() - 1);
            for part in [before, last] {
                assert_eq!(scan.check(part.as_bytes()), None);
                counts.push(scan.complete_requests());
            }
        }
        let ends = [Some(0), Some(1), None, Some(2), Some(3), Some(3)];
        let found: Vec<_> = counts.chunks(2).map(|pair| pair[1]).collect();
        assert_eq!(found, ends);
        assert!(counts.iter().step_by(2).all(Option::is_none), "{counts:?}");
    }

    #[test]
    fn chunked_wins_over_a_length() {
        let first =
            "POST / HTTP/1.1\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n0\r\n\r\n";
        assert_eq!(checked(&[first, "GET / HTTP/1.1\n"]), format!("{first}GET / HTTP/1.1\0"));
    }
}
