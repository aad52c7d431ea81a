//! Boards of widgets: `/v3/apps/staff_widgets_boards`.
//!
//! Source: the contract, which takes a layout as `board_layout_code_name` and returns it as `board_layout`.

use std::sync::Arc;

use crate::exchange::Exchange;
use crate::store::Record;

/// A board has the layout that was sent for it.
pub fn laid_out(exchange: &mut Exchange<'_>, board: &Arc<Record>) -> Arc<Record> {
    let Some(layout) = exchange.sent_text("board_layout_code_name") else { return Arc::clone(board) };
    let mut changed = Record::clone(board);
    changed.fields.set("board_layout", layout);
    exchange.world.store.put(changed)
}
