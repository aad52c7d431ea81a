use thin_vec::ThinVec;

/// Values by status, in the order of the statuses.
///
/// Most operations have one to three: a list takes a tenth of the memory of a search tree, whose nodes have room for eleven.
#[derive(Debug)]
pub struct StatusMap<T>(ThinVec<(u16, T)>);

impl<T> Default for StatusMap<T> {
    fn default() -> Self {
        Self(ThinVec::new())
    }
}

impl<T> StatusMap<T> {
    /// Sets the value of a status.
    pub(super) fn insert(&mut self, status: u16, value: T) {
        match self.0.binary_search_by_key(&status, |(known, _)| *known) {
            Ok(index) => self.0[index].1 = value,
            Err(index) => {
                self.0.reserve_exact(1);
                self.0.insert(index, (status, value));
            }
        }
    }

    /// The value of a status.
    pub fn get(&self, status: u16) -> Option<&T> {
        self.iter().find(|(known, _)| *known == status).map(|(_, value)| value)
    }

    /// Whether a status has a value.
    pub fn contains(&self, status: u16) -> bool {
        self.get(status).is_some()
    }

    /// All statuses, in order.
    pub fn statuses(&self) -> impl Iterator<Item = u16> {
        self.iter().map(|(status, _)| status)
    }

    /// All statuses with their values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &T)> {
        self.0.iter().map(|(status, value)| (*status, value))
    }

    /// The number of statuses.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
