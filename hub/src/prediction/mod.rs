//! The predicted entry of each waiting vehicle, as a range (Resolution 1393, clauses 13, 25, 34).
//!
//! It serves the driver, who is told one time that stands until there is a reason to change it; the operator
//! and the authorities, who see it in the queue; and everyone, who can see how good it has been.
//!
//! - [`calendar`]: hours of the week in Kyiv. [`counts`]: counts by hour from bookings. [`throughput`]:
//!   measured rates.
//! - [`forward`]: the ranking worked forward. [`lane`]: from what was counted to forecasts. [`residuals`]:
//!   from forecasts to ranges.
//! - [`planned`]: what the rules let in, now and before. `passed_over`: who had a turn and was not there.
//! - [`announcement`]: what is told, and when it is told anew. [`accuracy`]: how good that was.
//! - [`working_out`]: a run at a checkpoint. [`timer`]: when there is one. [`read`]: what others see.

pub mod accuracy;
pub mod announcement;
pub mod calendar;
pub mod counts;
pub mod forward;
pub mod lane;
mod passed_over;
pub mod planned;
pub mod read;
pub mod residuals;
mod store;
pub mod throughput;
pub mod timer;
pub mod working_out;
