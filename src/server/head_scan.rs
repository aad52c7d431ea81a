/// Finds line breaks that are only LF in the heads of requests. The HTTP parser accepts them; other servers and proxies read
/// such a head differently, so that a request could be smuggled past them (RFC 9112, section 2.2).
#[derive(Default)]
pub(super) struct HeadScan {
    is_in_head: bool,
    /// The byte before the next ones.
    last: u8,
    /// The number of bytes of the present line so far.
    line_length: usize,
}

impl HeadScan {
    /// The next bytes begin a head.
    pub(super) fn begin(&mut self) {
        *self = Self { is_in_head: true, ..Self::default() };
    }

    /// Whether the next bytes belong to a head.
    pub(super) fn is_in_head(&self) -> bool {
        self.is_in_head
    }

    /// Replaces the first line break that is only LF by a character that no head may have, so that the parser responds with
    /// 400 and closes the connection.
    pub(super) fn check(&mut self, bytes: &mut [u8]) {
        let mut rest = bytes;
        while self.is_in_head {
            let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
                self.line_length += rest.len();
                self.last = rest.last().copied().unwrap_or(self.last);
                return;
            };
            let before = end.checked_sub(1).map_or(self.last, |index| rest[index]);
            if before != b'\r' {
                rest[end] = 0;
                self.is_in_head = false;
                return;
            }
            // The empty line after the headers is only CR and LF.
            let is_empty = self.line_length + end == 1;
            self.is_in_head = !is_empty;
            (self.line_length, self.last) = (0, b'\n');
            rest = &mut rest[end + 1..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::HeadScan;

    /// What remains of the pieces of a connection.
    fn checked(pieces: &[&str]) -> String {
        let mut scan = HeadScan::default();
        scan.begin();
        let mut out = Vec::new();
        for piece in pieces {
            let mut bytes = piece.as_bytes().to_vec();
            scan.check(&mut bytes);
            out.extend(bytes);
        }
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn line_break_without_cr_is_replaced_in_a_head_and_stays_in_a_body() {
        assert_eq!(checked(&["GET / HTTP/1.1\nHost: a\r\n\r\n"]), "GET / HTTP/1.1\0Host: a\r\n\r\n");
        assert_eq!(
            checked(&["GET / HTTP/1.1\r\nHost: a", "\nX: y\r\n\r\n"]),
            "GET / HTTP/1.1\r\nHost: a\0X: y\r\n\r\n"
        );
        for whole in [
            &["POST / HTTP/1.1\r\nHost: a\r\n\r\na\nb"][..],
            &["POST / HTTP/1.1\r", "\nHost: a\r\n\r", "\n", "a\nb"],
            &["P", "OST / HTTP/1.1\r\nHost: a\r\n", "\r\na\n\nb"],
        ] {
            assert_eq!(checked(whole), whole.concat());
        }
    }
}
