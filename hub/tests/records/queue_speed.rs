//! How long a decision and a read of the queue take with 4,000 vehicles waiting. Not a test of right and wrong, so it is left out
//! unless asked for: `cargo test --release -p kordon-hub --test records queue_speed -- --ignored --nocapture`.

use std::time::Instant;

use diesel_async::RunQueryDsl;
use kordon_hub::queue::calling::decide;
use kordon_hub::queue::ranking::{Merge, Queued, Turns};
use kordon_hub::queue::waiting::Stand;
use kordon_hub::queue::{BookingId, read};
use kordon_schemas::crossings::Stage;
use uuid::Uuid;

use crate::queue_timer::rules;
use crate::site::{Site, krakivets, noon};

const WAITING: u32 = 4_000;

/// The median and the 99th percentile of some milliseconds.
fn told(mut taken: Vec<f64>) -> String {
    taken.sort_by(f64::total_cmp);
    format!(
        "p50 {:.2} ms, p99 {:.2} ms of {}",
        taken[taken.len() / 2],
        taken[taken.len() * 99 / 100],
        taken.len()
    )
}

/// As many as one that came to its zone.
async fn full(site: &Site) {
    site.waits(1, -60).await;
    let statements = [
        format!(
            "INSERT INTO crossings (checkpoint, id, plate, plate_written, booked_at, progress, stage, awaits_entry,
                                    contradictory, changed_at)
             SELECT 'UA209030', gen_random_uuid(), 'PL' || number, 'PL ' || number,
                    '2026-11-20T00:00:00Z'::timestamptz + number * interval '7 seconds',
                    (SELECT progress FROM crossings), 'zone_arrived', true, false, '2026-11-21T11:00:00Z'
             FROM generate_series(1, {WAITING}) AS number"
        ),
        format!(
            "INSERT INTO bookings (checkpoint, id, system_id, reference, digest, queue, channel, booked_at, queued_at,
                                   recorded_at, rules_version, priority_class)
             SELECT checkpoint, id, '{}', plate, decode(repeat('00', 32), 'hex'),
                    CASE WHEN plate LIKE '%7' THEN 'priority' ELSE 'live' END, 'web', booked_at, booked_at, booked_at, 2,
                    CASE WHEN plate LIKE '%7' THEN 'perishable' END
             FROM crossings WHERE plate LIKE 'PL%'",
            site.operator.system.0
        ),
        "ANALYZE".to_owned(),
    ];
    let mut connection = site.connection().await;
    for statement in statements {
        diesel::sql_query(statement).execute(&mut *connection).await.unwrap();
    }
}

#[tokio::test]
#[ignore = "measures, in a release build"]
async fn with_four_thousand_waiting() {
    let site = Site::by(rules()).await;
    full(&site).await;
    let milliseconds = |begun: Instant| begun.elapsed().as_secs_f64() * 1000.0;
    let mut reads = Vec::new();
    let mut connection = site.connection().await;
    for _ in 0..200 {
        let begun = Instant::now();
        let queue = read::queue(&mut connection, &krakivets(), None, noon(0)).await.unwrap();
        let written = serde_json::to_vec(&queue).unwrap();
        reads.push(milliseconds(begun));
        assert!(written.len() > 100_000);
    }
    println!("a read of the whole queue, as JSON: {}", told(reads));
    let mut calls = Vec::new();
    for _ in 0..200 {
        let begun = Instant::now();
        site.call(noon(0)).await.unwrap();
        calls.push(milliseconds(begun));
    }
    println!("a call of the operator, from the lock to the commit: {}", told(calls));
}

#[test]
#[ignore = "measures, in a release build"]
fn the_decision_alone() {
    let rules = rules();
    let merge = Merge::of(&rules.merge, &rules.call);
    let stands: Vec<Stand> = (0..WAITING)
        .map(|number| {
            let queued =
                if number % 10 == 7 { Queued::Priority { class: "perishable" } } else { Queued::Live };
            let since = noon(-i64::from(number.wrapping_mul(2_654_435_761) % 10_000));
            let booking = BookingId(Uuid::from_u128(u128::from(number)));
            let place = merge.place(booking, queued, since, Some(since));
            Stand { place, stage: Stage::ZoneArrived, in_zone: true, call_lapsed: false }
        })
        .collect();
    let mut decisions = Vec::new();
    for _ in 0..1000 {
        let begun = Instant::now();
        let decision = decide::choose(&merge, &stands, &Turns::none(&merge), None, None, noon(0)).unwrap();
        decisions.push(begun.elapsed().as_secs_f64() * 1000.0);
        assert_eq!(decision.explanation.waiting, WAITING);
    }
    println!("whom to call, as a pure decision: {}", told(decisions));
}
