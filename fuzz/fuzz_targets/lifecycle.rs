//! Records live their whole life in contracts of many shapes: the bytes of an input select the shape.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/it/lifecycle/shape.rs"]
mod shape;

use shape::{Choices, Shape, live};

fuzz_target!(|choices: &[u8]| {
    let shape = Shape::of(&mut Choices(choices));
    if let Err(problem) = live(&shape) {
        panic!("{problem}\n{shape:?}");
    }
});
