//! Boards of widgets: `/v3/apps/staff_widgets_boards`. The contract takes the layout as `board_layout_code_name` and
//! shows it as `board_layout`.

use std::sync::Arc;

use crate::model::Record;
use crate::request::Context;

/// Copies the layout of the request into the board.
pub fn set_layout(ctx: &mut Context<'_>, board: &Arc<Record>) -> Arc<Record> {
    let Some(layout) = ctx.body_text("board_layout_code_name") else { return Arc::clone(board) };
    let mut changed = Record::clone(board);
    changed.fields.set("board_layout", layout);
    ctx.state.store.put(changed)
}
