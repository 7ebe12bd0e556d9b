//! The vehicles of the three queues. Each has a part in the play, which is its name.

use kordon_schemas::queue::QueueKind;

/// A vehicle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Part {
    /// Pre-booked, and in its zone when its slot comes.
    InItsSlot,
    /// The first of the live queue.
    FirstLive,
    /// In the priority queue by a petition that was granted before it was booked.
    Prioritised,
    /// The second of the live queue; at the end it is still in control.
    SecondLive,
    /// Pre-booked, and never comes to a zone.
    AwayFromZone,
    /// Pre-booked and paid; moved to a later slot, given to another vehicle, cancelled.
    Cancelled,
    /// Live, with a petition that is refused: it is still on its way to the zone, and waits on.
    Refused,
    /// Live and paid, and called within the hour: its fee is given back.
    SoonCalled,
    /// Called, and never comes to the checkpoint.
    AwayFromCheckpoint,
    /// Called, and let in while the gate was cut off: that is told late.
    ToldLate,
}

impl Part {
    /// Everybody, in the order in which they are booked.
    pub(crate) const ALL: [Self; 10] = [
        Self::InItsSlot,
        Self::FirstLive,
        Self::SecondLive,
        Self::Prioritised,
        Self::AwayFromZone,
        Self::Cancelled,
        Self::Refused,
        Self::SoonCalled,
        Self::AwayFromCheckpoint,
        Self::ToldLate,
    ];

    /// Those whom the hub calls, in the order in which it has to: a slot that counts goes first; of a round
    /// of one for aid and two for the live queue, the live queue has the first turn and the last.
    pub(crate) const CALLED_BY_THE_HUB: [Self; 4] =
        [Self::InItsSlot, Self::FirstLive, Self::Prioritised, Self::SecondLive];

    /// Those whom the operator calls, in the order in which they are booked.
    pub(crate) const CALLED_BY_HAND: [Self; 3] = [Self::SoonCalled, Self::AwayFromCheckpoint, Self::ToldLate];

    /// Its plate.
    pub(crate) const fn plate(self) -> &'static str {
        match self {
            Self::InItsSlot => "BC 2001 HT",
            Self::FirstLive => "BC 2002 HT",
            Self::SecondLive => "BC 2003 HT",
            Self::Prioritised => "BC 2004 HT",
            Self::AwayFromZone => "BC 2005 HT",
            Self::Cancelled => "BC 2006 HT",
            Self::Refused => "BC 3001 KA",
            Self::SoonCalled => "BC 3002 KA",
            Self::AwayFromCheckpoint => "BC 3003 KA",
            Self::ToldLate => "BC 3004 KA",
        }
    }

    /// The queue that it is booked in.
    pub(crate) const fn queue(self) -> QueueKind {
        match self {
            Self::InItsSlot | Self::AwayFromZone | Self::Cancelled => QueueKind::PreBooked,
            Self::Prioritised => QueueKind::Priority,
            Self::FirstLive
            | Self::SecondLive
            | Self::Refused
            | Self::SoonCalled
            | Self::AwayFromCheckpoint
            | Self::ToldLate => QueueKind::Live,
        }
    }

    /// Whether it is a truck; the others are cars.
    pub(crate) const fn is_truck(self) -> bool {
        match self {
            Self::InItsSlot
            | Self::FirstLive
            | Self::SecondLive
            | Self::Prioritised
            | Self::AwayFromZone
            | Self::Cancelled => true,
            Self::Refused | Self::SoonCalled | Self::AwayFromCheckpoint | Self::ToldLate => false,
        }
    }

    /// Whether it comes to the waiting zone.
    pub(crate) const fn arrives(self) -> bool {
        !matches!(self, Self::AwayFromZone | Self::Cancelled | Self::Refused)
    }

    /// Whether it has left Ukraine when the play ends.
    pub(crate) const fn leaves(self) -> bool {
        matches!(self, Self::InItsSlot | Self::FirstLive | Self::Prioritised | Self::SoonCalled)
    }

    /// Whether it enters the checkpoint, as far as is ever told.
    pub(crate) const fn enters(self) -> bool {
        self.leaves() || matches!(self, Self::SecondLive | Self::ToldLate)
    }

    /// The id of its booking in the operator's system.
    pub(crate) fn reference(self) -> String {
        format!("queues-{self:?}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_part_has_a_vehicle_of_its_own_and_the_three_queues_are_played() {
        let plates: BTreeSet<_> = Part::ALL.map(Part::plate).into();
        assert_eq!(plates.len(), Part::ALL.len());
        for queue in QueueKind::ALL {
            assert!(Part::ALL.iter().any(|part| part.queue() == queue), "{queue:?}");
        }
        assert!(Part::ALL.iter().filter(|part| part.enters()).all(|part| part.arrives()));
    }
}
