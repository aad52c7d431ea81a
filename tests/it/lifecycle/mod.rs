//! Records live their whole life in contracts of many shapes.

mod shape;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::properties::cases;
use shape::{Choices, Shape, live};

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn records_are_created_read_listed_paged_changed_and_deleted(choices in vec(any::<u8>(), 12)) {
        let shape = Shape::of(&mut Choices(&choices));
        live(&shape).map_err(|problem| TestCaseError::fail(format!("{problem}\n{shape:?}")))?;
    }
}
