use std::cmp::Reverse;

use http::header::ACCEPT;
use mediatype::{MediaType, MediaTypeList, Name, ReadParams};

use crate::openapi::{MediaSpec, ResponseSpec};
use crate::request::{Request, media_type};

/// A media range of an `Accept` header (RFC 9110, section 12.5.1).
struct Range<'a> {
    kind: MediaType<'a>,
    /// The weight `q`, in thousandths.
    weight: u16,
}

/// The media type of a response that the client prefers; the first one without an `Accept` header, `None` when the client
/// accepts none.
pub(in crate::pipeline) fn choose<'r>(response: &'r ResponseSpec, request: &Request) -> Option<&'r MediaSpec> {
    let headers = request.headers.get_all(ACCEPT).into_iter().filter_map(|header| header.to_str().ok());
    let ranges: Vec<Range<'_>> = headers.flat_map(MediaTypeList::new).filter_map(Result::ok).map(Range::new).collect();
    if ranges.is_empty() {
        return response.first();
    }
    let rated = response.media.iter().filter_map(|media| {
        let (index, range) = best_match(&ranges, &media.kind)?;
        (range.weight > 0).then_some((media, range.weight, index))
    });
    // Equal weights: the order of the header, then that of the contract.
    let (media, ..) = rated.min_by_key(|(_, weight, index)| (Reverse(*weight), *index))?;
    Some(media)
}

/// The most specific range that matches a media type; it decides about the weight.
fn best_match<'a>(ranges: &'a [Range<'a>], kind: &str) -> Option<(usize, &'a Range<'a>)> {
    let matching = ranges.iter().enumerate().filter(|(_, range)| range.matches(kind));
    matching.min_by_key(|(index, range)| (Reverse(range.specificity()), *index))
}

impl<'a> Range<'a> {
    fn new(kind: MediaType<'a>) -> Self {
        let weight = Name::new("q").and_then(|q| kind.get_param(q)?.as_str().parse::<f32>().ok()).unwrap_or(1.0);
        Self { kind, weight: (weight.clamp(0.0, 1.0) * 1000.0) as u16 }
    }

    fn matches(&self, kind: &str) -> bool {
        let essence = self.kind.essence().to_string();
        let (own_type, own_subtype) = essence.split_once('/').unwrap_or((&essence, "*"));
        let (other_type, other_subtype) = media_type(kind).split_once('/').unwrap_or((kind, "*"));
        let same = |a: &str, b: &str| a == "*" || b == "*" || a.eq_ignore_ascii_case(b);
        same(own_type, other_type) && same(own_subtype, other_subtype)
    }

    fn specificity(&self) -> u8 {
        u8::from(self.kind.ty.as_str() != "*") + u8::from(self.kind.subty.as_str() != "*")
    }
}
