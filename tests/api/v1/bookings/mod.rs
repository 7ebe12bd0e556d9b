//! `/api/v1/bookings/{booking}`.

mod payments;
mod refunds;
