//! The laws of fees: shares that sum up, limits that hold, refunds that never exceed what was paid.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::fees::ledger;
use crate::fees::model::Entry;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn noon() -> DateTime<Utc> {
    at("2026-11-21T12:00:00Z")
}

fn tariff(operator: &str, zone: &str) -> TariffIn {
    let euros = |text| Money::euros(Amount::parse(text).unwrap());
    TariffIn {
        operator_share: euros(operator),
        zone_share: euros(zone),
        zone: "KRAKIVETS-1".into(),
        applies_from: day("2026-12-01"),
        decision: "№ 17".into(),
    }
}

fn faults(result: Result<Shares>) -> String {
    let Err(Error::Invalid(faults)) = result else { panic!("{result:?}") };
    faults.iter().map(|fault| format!("{} {}", fault.path, fault.detail)).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_tariff_keeps_to_the_limits_of_the_law_to_the_cent() {
    for (operator, zone) in [("2.00", "13.00"), ("4.00", "11.00"), ("2.00", "0.01"), ("3.33", "4.44")] {
        assert!(check_tariff(&tariff(operator, zone), false, noon()).is_ok(), "{operator} {zone}");
    }
    for (operator, zone) in
        [("1.99", "5.00"), ("4.01", "5.00"), ("2.00", "13.01"), ("2.00", "0.00"), ("2.00", "-1.00")]
    {
        assert!(check_tariff(&tariff(operator, zone), false, noon()).is_err(), "{operator} {zone}");
    }
}

#[test]
fn a_tariff_that_breaks_the_law_is_refused_with_every_reason() {
    let bad = TariffIn {
        operator_share: Money::hryvnias(Amount::parse("4.50").unwrap()),
        zone: "зона".into(),
        decision: " ".into(),
        applies_from: day("2026-11-21"),
        ..tariff("4.50", "11.00")
    };
    assert_snapshot!(faults(check_tariff(&bad, false, noon())), @"
    /operator_share/currency is EUR: the law sets the limits in euros (clause 37)
    /operator_share/amount is 2.00 to 4.00 (clause 40)
    /zone_share/amount and the operator's share are more than 15.00 together (clause 37)
    /zone a zone code has 1 to 40 capital Latin letters, digits and hyphens
    /decision has 1 to 200 characters and no control characters
    /applies_from is after 2026-11-21: what was quoted and paid stays as it was
    ");
}

#[test]
fn only_the_first_tariff_of_a_checkpoint_reaches_back() {
    let from = |text| TariffIn { applies_from: day(text), ..tariff("3.00", "12.00") };
    assert!(check_tariff(&from("2026-10-21"), true, noon()).is_ok());
    assert!(check_tariff(&from("2026-10-20"), true, noon()).is_err());
    assert!(check_tariff(&from("2026-11-22"), false, noon()).is_ok());
    assert!(check_tariff(&from("2026-11-21"), false, noon()).is_err());
    assert!(
        check_tariff(&from("2026-11-22"), false, at("2026-11-21T22:00:00Z")).is_err(),
        "it is the 22nd in Kyiv"
    );
}

#[test]
fn a_day_is_kyivs_also_when_the_clocks_change() {
    assert_eq!(day_of(at("2026-11-21T21:59:59Z")), day("2026-11-21"));
    assert_eq!(day_of(at("2026-11-21T22:00:00Z")), day("2026-11-22"));
    assert_eq!(day_of(at("2026-07-01T21:00:00Z")), day("2026-07-02"));
    let hours = |text| bounds_of(day(text)).map(|(from, until)| (until - from).num_hours());
    assert_eq!(hours("2026-03-29"), Some(23));
    assert_eq!(hours("2026-10-25"), Some(25));
    assert_eq!(hours("2026-11-21"), Some(24));
    assert_eq!(bounds_of(day("2026-03-29")).unwrap().0, at("2026-03-28T22:00:00Z"));
}

#[test]
fn hryvnias_are_rounded_half_up_and_the_zone_has_the_rest() {
    let eur = Shares { operator: Amount::of_hundredths(300), zone: Amount::of_hundredths(1200) };
    let uah = convert(eur, Rate::parse("48.1234").unwrap()).unwrap();
    assert_eq!(
        (uah.operator.to_string(), uah.zone.to_string(), uah.total().to_string()),
        ("144.37".into(), "577.48".into(), "721.85".into())
    );
    let half = Shares { operator: Amount::of_hundredths(200), zone: Amount::of_hundredths(1) };
    let uah = convert(half, Rate::parse("50.5").unwrap()).unwrap();
    assert_eq!(uah.total().to_string(), "101.51", "101.505 is rounded up");
}

#[test]
fn what_was_paid_is_what_was_due_to_the_kopiyka() {
    let due = Amount::parse("721.85").unwrap();
    let rate = Rate::parse("48.1234").unwrap();
    let check = |paid| check_amount(paid, due, rate, day("2026-11-21"));
    assert!(check(Money::hryvnias(due)).is_ok());
    let told = |paid| check(paid).unwrap_err().to_string();
    assert_snapshot!(told(Money::hryvnias(Amount::parse("721.84").unwrap())), @"the request breaks 1 rule(s): /amount/amount is 721.85 for a booking of 2026-11-21, at the rate 48.1234");
    assert_snapshot!(told(Money::euros(due)), @"the request breaks 1 rule(s): /amount/currency is UAH: the fee is paid in hryvnias (clause 37)");
}

#[test]
fn a_reference_cannot_be_a_formula() {
    for reference in ["PAY-1", "1", "a/b=c+d"] {
        assert!(is_reference(reference), "{reference}");
    }
    for reference in ["", "=1+1", "+1", "-1", "@SUM(A1)", "two words", "рахунок", &"x".repeat(101)] {
        assert!(!is_reference(reference), "{reference}");
    }
}

fn live_at(text: &str) -> FeeCall {
    FeeCall { at: at(text), is_live: true }
}

fn facts() -> BookingFacts {
    BookingFacts {
        id: uuid::Uuid::from_u128(1),
        checkpoint: kordon_schemas::CheckpointCode::parse("UA209030").unwrap(),
        booked_at: noon(),
        rules_version: 1,
        zone: None,
        slot_starts_at: None,
        zone_arrived_at: Some(at("2026-11-21T13:00:00Z")),
        calls: vec![live_at("2026-11-21T14:00:00Z")],
        ended: None,
    }
}

/// Half for a short wait; for a cancellation all a day before, half six hours before; nothing for a no-show.
fn refund_rules() -> RefundRules {
    let cancelled = [(24, 100), (6, 50)];
    RefundRules {
        live_wait_percent: 50,
        cancelled: cancelled
            .map(|(hours_before, percent)| CancellationRefund { hours_before, percent })
            .into(),
        ..default_refunds()
    }
}

fn refunded(case: RefundCase, facts: &BookingFacts) -> String {
    match refundable(case, facts, &refund_rules()) {
        Ok((percent, _)) => format!("{percent} %"),
        Err(refused) => refused.to_string(),
    }
}

#[test]
fn a_live_wait_of_at_most_an_hour_gives_half_back() {
    let live = |change: fn(&mut BookingFacts)| {
        let mut facts = facts();
        change(&mut facts);
        refunded(RefundCase::LiveWait, &facts)
    };
    assert_eq!(live(|_| {}), "50 %", "an hour to the second");
    assert_eq!(
        live(|facts| facts.calls = vec![live_at("2026-11-21T14:00:01Z")]),
        "the vehicle waited 3601 seconds, more than 60 minutes"
    );
    assert_eq!(
        live(|facts| facts.calls.iter_mut().for_each(|call| call.is_live = false)),
        "the vehicle was not called out of the live queue"
    );
    assert_eq!(live(|facts| facts.zone_arrived_at = None), "no arrival at a waiting zone is recorded");
    assert_eq!(live(|facts| facts.calls.clear()), "the vehicle was not called after it arrived at its zone");
    let called_before = "the vehicle was not called after it arrived at its zone";
    assert_eq!(
        live(|facts| facts.calls = vec![live_at("2026-11-21T12:30:00Z")]),
        called_before,
        "a wait that was not measured is none"
    );
    let again = ["2026-11-21T12:30:00Z", "2026-11-21T13:30:00Z", "2026-11-21T19:00:00Z"];
    let mut facts = facts();
    facts.calls = again.map(live_at).into();
    assert_eq!(refunded(RefundCase::LiveWait, &facts), "50 %", "the first call after the arrival counts");
}

#[test]
fn where_nothing_was_decided_only_a_short_live_wait_gives_the_fee_back() {
    let given =
        |case, facts: &BookingFacts| refundable(case, facts, &default_refunds()).map(|(percent, _)| percent);
    assert_eq!(given(RefundCase::LiveWait, &facts()).unwrap(), 100);
    for (case, ending) in
        [(RefundCase::Cancellation, Ending::Cancelled), (RefundCase::NoShow, Ending::NoShow)]
    {
        let ended = BookingFacts { ended: Some((ending, noon())), ..facts() };
        assert_eq!(given(case, &ended).unwrap_err().code(), ProblemCode::NotRefundable);
    }
}

#[test]
fn a_cancellation_gives_by_its_hours_before_the_slot_or_the_call() {
    let cancelled = |hours_before: i64, slot: bool, called: bool| {
        let to = at("2026-11-25T12:00:00Z");
        let facts = BookingFacts {
            slot_starts_at: slot.then_some(to),
            calls: if called { vec![FeeCall { at: to, is_live: true }] } else { vec![] },
            ended: Some((Ending::Cancelled, to - TimeDelta::hours(hours_before))),
            ..facts()
        };
        refunded(RefundCase::Cancellation, &facts)
    };
    assert_eq!(cancelled(24, true, false), "100 %");
    assert_eq!(cancelled(23, true, false), "50 %");
    assert_eq!(cancelled(6, false, true), "50 %");
    assert_eq!(cancelled(5, true, false), "the booking was cancelled too late to give anything back");
    assert_eq!(cancelled(-1, false, true), "the booking was cancelled too late to give anything back");
    assert_eq!(cancelled(0, false, false), "100 %", "it was never called");
    assert_eq!(refunded(RefundCase::Cancellation, &facts()), "the booking is not cancelled");
}

#[test]
fn a_no_show_gives_what_the_rules_say_and_by_default_nothing() {
    let facts = BookingFacts { ended: Some((Ending::NoShow, noon())), ..facts() };
    assert_eq!(refunded(RefundCase::NoShow, &facts), "the rules give nothing back in this case");
    let generous = RefundRules { no_show_percent: 10, ..refund_rules() };
    assert_eq!(refundable(RefundCase::NoShow, &facts, &generous).unwrap().0, 10);
    assert_eq!(refunded(RefundCase::Cancellation, &facts), "the booking is not cancelled");
}

fn lawful_shares() -> impl Strategy<Value = Shares> {
    (200_i64..=400).prop_flat_map(|operator| {
        (1..=1500 - operator).prop_map(move |zone| Shares {
            operator: Amount::of_hundredths(operator),
            zone: Amount::of_hundredths(zone),
        })
    })
}

fn any_rate() -> impl Strategy<Value = Rate> {
    (1_u32..=9999, 0_u32..=999_999)
        .prop_map(|(whole, fraction)| Rate::parse(&format!("{whole}.{fraction:06}")).unwrap())
}

fn sum(entries: &[Entry]) -> i64 {
    entries.iter().map(|entry| entry.amount.hundredths()).sum()
}

proptest! {
    #[test]
    fn the_shares_sum_to_the_total_whatever_the_rate(eur in lawful_shares(), rate in any_rate()) {
        let uah = convert(eur, rate).unwrap();
        prop_assert_eq!(uah.operator.hundredths() + uah.zone.hundredths(), uah.total().hundredths());
        prop_assert!(uah.operator >= Amount::ZERO && uah.zone >= Amount::ZERO);
        let exact = rust_decimal::Decimal::from(eur.total().hundredths()) * rate.decimal();
        let off = (rust_decimal::Decimal::from(uah.total().hundredths()) - exact).abs();
        prop_assert!(off <= rust_decimal::Decimal::new(5, 1), "within half a kopiyka: {off}");
    }

    #[test]
    fn any_refunds_stay_within_the_payment_and_the_books_sum_to_zero(
        eur in lawful_shares(), rate in any_rate(), percents in proptest::collection::vec(1_u8..=100, 1..12),
    ) {
        let paid = convert(eur, rate).unwrap();
        let mut refunded = Shares { operator: Amount::ZERO, zone: Amount::ZERO };
        let mut books = ledger::of_payment(paid);
        for percent in percents {
            let Ok(part) = refund_of(paid, refunded, percent) else {
                prop_assert_eq!(refunded, paid, "nothing is refused while something is left");
                continue;
            };
            prop_assert!(part.operator >= Amount::ZERO && part.zone >= Amount::ZERO && part.total() > Amount::ZERO);
            refunded = Shares {
                operator: refunded.operator.plus(part.operator).unwrap(),
                zone: refunded.zone.plus(part.zone).unwrap(),
            };
            prop_assert!(refunded.operator <= paid.operator && refunded.zone <= paid.zone);
            let entries = ledger::of_refund(part);
            prop_assert_eq!(sum(&entries), 0);
            books.extend(entries);
        }
        prop_assert_eq!(sum(&books), 0);
    }

    #[test]
    fn a_full_refund_leaves_nothing_of_either_share(eur in lawful_shares(), rate in any_rate()) {
        let paid = convert(eur, rate).unwrap();
        prop_assert_eq!(refund_of(paid, Shares { operator: Amount::ZERO, zone: Amount::ZERO }, 100).unwrap(), paid);
    }
}
