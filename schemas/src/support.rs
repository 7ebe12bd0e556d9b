//! The transit support service on the wire (Order 926): lines, priorities, statuses. JSON only.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $of:literal])* $variant:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name {
            $($(#[doc = $of])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every one, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for it on the wire and in the records.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The one of that word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        // The derive does not see a name that a macro hands on.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some(concat!($($doc, "\n"),*).trim()))
                    .enum_values(Some([$($word),+]))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use words;

words!(
    /// A line of the support service: who handles a ticket (H3.2 to H3.4).
    Line {
        /// Coordinates, answers the user, watches the deadlines (перша лінія).
        First = "line_1",
        /// Technical and methodological experts (друга лінія).
        Second = "line_2",
        /// Outside contractors (третя лінія).
        Third = "line_3",
    }
);

words!(
    /// How urgent a ticket is (H3.12). Only `critical` is a word of the order; the others stand in its annex 2, which is not public.
    Priority {
        /// Transit stands still. The duty of the second line handles it around the clock.
        Critical = "critical",
        /// A duty cannot be done, or only by a detour.
        High = "high",
        /// The common case.
        Normal = "normal",
        /// A question that can wait.
        Low = "low",
    }
);

words!(
    /// Where a ticket stands (H3.9).
    TicketStatus {
        /// Registered («Новий запит»).
        New = "new",
        /// Assigned and sent to its handler («В роботі»).
        InProgress = "in_progress",
        /// More information is needed, or a contractor works on it («Розгляд продовжено»).
        Extended = "extended",
        /// Software must be changed («Відкладено»).
        Deferred = "deferred",
        /// Solved («Вирішено»).
        Resolved = "resolved",
        /// The user confirmed, or did not object within 10 days («Закрито»).
        Closed = "closed",
    }
);

words!(
    /// Why a deadline was extended (H3.13).
    ExtensionGround {
        /// The user must give more information; a ground of line 1.
        InformationFromUser = "information_from_user",
        /// Software of ETS must be changed; a ground of line 2.
        SoftwareChange = "software_change",
        /// An outside contractor must be involved; a ground of line 2.
        ContractorInvolved = "contractor_involved",
    }
);

words!(
    /// One of the four clocks of a ticket (H3.12), each with its own deadline.
    DeadlineClock {
        /// Line 1's: from the registration to the first move, by which the ticket is assigned.
        Assignment = "assignment",
        /// Line 1's and the whole ticket's: from in progress to resolved.
        Ticket = "ticket",
        /// Line 2's: from in progress to deferred or resolved.
        Line2 = "line_2",
        /// Line 3's: from extended to deferred or resolved.
        Line3 = "line_3",
    }
);
