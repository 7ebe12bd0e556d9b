//! Version 1 of every checkpoint's rules: the hub's own default, which holds where nothing was decided.

use kordon_schemas::Bilingual;
use kordon_schemas::rules::{
    AbsenceRules, BookingRules, CallRules, ChangeRules, Consequence, LaneRules, MergeRules, RefundRules,
    Rules, VehicleCategory, VehicleKind, ZoneChoice,
};

/// The number of the default.
pub const VERSION: i32 = 1;

/// The one lane of the default.
pub const LANE: &str = "all";

/// The default: one lane for every vehicle, the live queue alone, no capacity known, four hours to come when
/// called, and the refund of clause 19. It takes nothing from anybody: who does not come goes back into the
/// queue.
#[must_use]
pub fn rules() -> Rules {
    Rules {
        zones: Vec::new(),
        zone_choice: ZoneChoice::User,
        lanes: vec![LaneRules {
            lane: LANE.into(),
            name: Bilingual {
                uk: "Усі транспортні засоби".into(), en: "All vehicles".into()
            },
            takes: VehicleCategory::ALL.map(kind).into(),
            capacity: Vec::new(),
            slots: None,
        }],
        merge: MergeRules { classes: Vec::new(), live_weight: 1 },
        booking: BookingRules { horizon_days: 30, data_schema: None },
        call: CallRules { lead_minutes: 0, deadline_minutes: 240, warn_minutes: None },
        absence: AbsenceRules {
            zone_grace_minutes: 60,
            at_zone: Consequence::BackToQueue,
            at_checkpoint: Consequence::BackToQueue,
        },
        changes: ChangeRules { extensions: 0, extension_hours: 0, swaps: 0 },
        refunds: RefundRules {
            live_wait_at_most_minutes: 60,
            live_wait_percent: 100,
            cancelled: Vec::new(),
            no_show_percent: 0,
        },
        board: None,
    }
}

/// Every vehicle of a category.
const fn kind(category: VehicleCategory) -> VehicleKind {
    VehicleKind { category, over_kg: None, up_to_kg: None, laden: None, cargo_groups: Vec::new() }
}
