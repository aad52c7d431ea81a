use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

/// Which quirks are on in a world.
#[derive(Clone, Debug, Default)]
pub struct Switches {
    /// Behaviours ask for quirks by id, some a dozen times for one call.
    places: Arc<HashMap<String, usize, RandomState>>,
    on: Vec<bool>,
}

impl Switches {
    /// Switches for these ids, all off.
    pub fn new<'a>(ids: impl IntoIterator<Item = &'a str>) -> Self {
        let places: HashMap<_, _, _> =
            ids.into_iter().map(str::to_owned).enumerate().map(|(place, id)| (id, place)).collect();
        Self { on: vec![false; places.len()], places: Arc::new(places) }
    }

    /// Turns one on or off; `false` when there is none of that id.
    pub fn set(&mut self, id: &str, on: bool) -> bool {
        let place = self.places.get(id);
        if let Some(place) = place {
            self.on[*place] = on;
        }
        place.is_some()
    }

    /// The place of a quirk in the list of all, and whether it is on.
    pub fn find(&self, id: &str) -> Option<(usize, bool)> {
        self.places.get(id).map(|place| (*place, self.on[*place]))
    }

    /// Whether the quirk at that place of the list is on.
    pub fn is_on(&self, place: usize) -> bool {
        self.on.get(place).copied().unwrap_or(false)
    }
}
