//! `/api/v1/bookings/{booking}`.

mod changes;
mod payments;
mod refunds;
