//! `/api/v1/bookings/{booking}`: what is done with a booking.

pub(crate) mod payments;
pub(crate) mod refunds;
