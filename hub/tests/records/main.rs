//! The records of the hub against a real database: what is kept of facts, bookings and calls, whatever comes
//! twice, late, out of order or at the same moment.

#[cfg(test)]
mod checkpoint_rules;
#[cfg(test)]
mod checkpoints;
#[cfg(test)]
mod crossings_adoption;
#[cfg(test)]
mod crossings_concurrency;
#[cfg(test)]
mod crossings_order;
#[cfg(test)]
mod crossings_placement;
#[cfg(test)]
mod crossings_rebuild;
#[cfg(test)]
mod crossings_record;
#[cfg(test)]
mod crossings_recorder;
#[cfg(test)]
mod crossings_voids;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod facts_stay;
#[cfg(test)]
mod fees;
#[cfg(test)]
mod journal_positions;
#[cfg(test)]
mod letters;
#[cfg(test)]
mod operators;
#[cfg(test)]
mod parties;
#[cfg(test)]
mod permit_entries;
#[cfg(test)]
mod permit_tickets;
#[cfg(test)]
mod permits;
#[cfg(test)]
mod predictions;
#[cfg(test)]
mod queue_absence;
#[cfg(test)]
mod queue_ahead;
#[cfg(test)]
mod queue_bans;
#[cfg(test)]
mod queue_booking;
#[cfg(test)]
mod queue_calling;
#[cfg(test)]
mod queue_changes;
#[cfg(test)]
mod queue_feed;
#[cfg(test)]
mod queue_forgotten;
#[cfg(test)]
mod queue_holder;
#[cfg(test)]
mod queue_petitions;
#[cfg(test)]
mod queue_reading;
#[cfg(test)]
mod queue_refused;
#[cfg(test)]
mod queue_replay;
#[cfg(test)]
mod queue_slots;
#[cfg(test)]
mod queue_timer;
#[cfg(test)]
mod queue_told_late;
#[cfg(test)]
mod sealing;
#[cfg(test)]
mod site;
#[cfg(test)]
mod tickets;
