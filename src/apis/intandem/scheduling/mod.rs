//! Bookings, events, availabilities and calendars.

pub mod availability;
pub mod booking;
pub mod calendar_sync;
pub mod event;
pub mod reservation;
pub mod time_slot;

use crate::apis::functions::Functions;

pub(super) static FUNCTIONS: Functions = Functions {
    handlers: &[
        ("bookings.create", reservation::create),
        ("bookings.accept", reservation::accept),
        ("bookings.complete", reservation::complete),
        ("bookings.cancel", reservation::cancel),
        ("bookings.set_rsvp_state", reservation::set_rsvp_state),
        ("availabilities.list", availability::list),
        ("events.attend", event::attend),
        ("events.join_waitlist", event::join_waitlist),
        ("events.add_to_waitlist", event::add_to_waitlist),
        ("events.leave_waitlist", event::leave_waitlist),
        ("calendar_syncs.create", calendar_sync::create),
        ("calendar_syncs.connect", calendar_sync::connect),
        ("calendar_syncs.connect_many", calendar_sync::connect_many),
        ("calendar_syncs.disable", calendar_sync::disable),
        ("calendar_syncs.start_export", calendar_sync::start_export),
        ("calendar_syncs.stop_import", calendar_sync::stop_import),
        ("weekly_availabilities.read", time_slot::read_week),
        ("time_slots.create", time_slot::create),
        ("time_slots.update", time_slot::update),
        ("time_slots.delete", time_slot::delete),
    ],
    after_write: &[("bookings.set_end_time", booking::set_end_time), ("events.copy_service", event::copy_service)],
    indexes: &[],
};
