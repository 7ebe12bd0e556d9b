//! The books of fees: whatever is paid and given back, in whatever order, they sum to zero and the statement
//! says the same; and what must never be is refused by the database itself.

use async_trait::async_trait;
use chrono::NaiveDate;
use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use kordon_hub::Clock;
use kordon_hub::fees::{
    ExchangeRates, Published, RateFault, Rates, pay, prefetch, refund, statement, tariff,
};
use kordon_hub::parties::Role;
use kordon_hub::{Error, Result};
use kordon_schemas::events::EventKind;
use kordon_schemas::fees::{
    Payment, PaymentIn, PaymentMethod, RefundCase, RefundIn, StatementAccount, TariffIn,
};
use kordon_schemas::{Amount, Currency, Money, Rate};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use uuid::Uuid;

use crate::queue_timer::slot;
use crate::site::{Site, evening, krakivets, noon};

struct Publishes(&'static str);

#[async_trait]
impl ExchangeRates for Publishes {
    async fn official(&self, _: Currency, _: NaiveDate) -> Result<Published, RateFault> {
        Ok(Published { rate: Rate::parse(self.0).unwrap(), source: "bank.gov.ua".into() })
    }
}

/// A checkpoint with an odd tariff, whose rules give something back in every case.
struct Till {
    site: Site,
    rates: Rates,
}

impl Till {
    async fn open(percents: [u8; 3]) -> Self {
        let site = Site::fresh().await;
        let administrator = site.another(Role::Administrator, "administrator").await;
        let euros = |text| Money::euros(Amount::parse(text).unwrap());
        let asked = TariffIn {
            operator_share: euros("3.33"),
            zone_share: euros("7.77"),
            zone: "KRAKIVETS-9".into(),
            applies_from: "2026-11-01".parse().unwrap(),
            decision: "№ 17".into(),
        };
        let mut connection = site.connection().await;
        tariff::put(&mut connection, &administrator, &krakivets(), &asked, noon(0)).await.unwrap();
        let [live, cancelled, no_show] = percents;
        let rules = format!(
            r#"{{"refunds": {{"live_wait_at_most_minutes": 60, "live_wait_percent": {live},
                "cancelled": [{{"hours_before": 0, "percent": {cancelled}}}], "no_show_percent": {no_show}}}}}"#
        );
        let put = format!(
            "INSERT INTO checkpoint_rules (checkpoint, version, applies_from, decision_reference, decided_on, rules, put_by, put_at)
             VALUES ('UA209030', 2, now(), '№ 18', '2026-11-01', '{rules}', '{}', now())",
            administrator.system
        );
        connection.batch_execute(&put).await.unwrap();
        drop(connection);
        Self { site, rates: Rates::new(Publishes("48.1237")) }
    }

    /// A booking that was called twenty minutes after its arrival, and has ended as `ended_by` says.
    async fn booking(&self, number: usize, ended_by: &str) -> Uuid {
        let plate = format!("AA {number:04} BB");
        let booking = self.site.book(&format!("r-{number}"), &plate, 0).await.0;
        let arrival = self.site.fact_of(&format!("z-{number}"), EventKind::ZoneArrived, &plate, 10);
        self.site.record_one(arrival).await;
        self.site.call(noon(30)).await.unwrap();
        let end = format!(
            "UPDATE bookings SET rules_version = 2, ended_by = '{ended_by}', ended_at = '2026-11-21T12:20:00Z' WHERE id = '{booking}'"
        );
        self.site.connection().await.batch_execute(&end).await.unwrap();
        booking
    }

    async fn pay(&self, booking: Uuid) -> Result<Payment> {
        let asked = PaymentIn {
            reference: format!("PAY-{booking}"),
            amount: Money::hryvnias(Amount::parse("534.17").unwrap()),
            method: PaymentMethod::Cash,
            paid_at: None,
        };
        let Site { database, operator, .. } = &self.site;
        Ok(pay::pay(database, &self.rates, operator, booking, &asked, evening()).await?.payment)
    }

    async fn refund(&self, booking: Uuid, case: RefundCase) -> Result<()> {
        let reference = format!("REF-{}-{booking}", case.as_str());
        let asked = RefundIn { reference, case, refunded_at: None };
        let Site { database, operator, .. } = &self.site;
        refund::refund(database, operator, booking, &asked, evening()).await.map(|_| ())
    }

    /// The sum of an account of the ledger, in kopiyky.
    async fn account(&self, condition: &str) -> i64 {
        let sum = format!("SELECT coalesce(sum(amount_kopiyky), 0) FROM ledger_entries WHERE {condition}");
        self.site.number(&sum).await
    }

    async fn statement(&self) -> Vec<StatementAccount> {
        let mut connection = self.site.connection().await;
        let day = "2026-11-22".parse().unwrap();
        let operator = &self.site.operator;
        statement::statement(&mut connection, operator, &krakivets(), day, evening()).await.unwrap().accounts
    }

    /// Runs SQL as one transaction and tells what the database says to it.
    async fn tell(&self, sql: &str) -> String {
        let mut connection = self.site.connection().await;
        let told: Result<(), Error> =
            connection.transaction(async |connection| Ok(connection.batch_execute(sql).await?)).await;
        told.map_or_else(|error| error.to_string(), |()| "done".into())
    }
}

#[derive(Debug, Clone, Copy)]
enum Act {
    Pay(usize),
    Refund(usize, RefundCase),
}

const BOOKINGS: usize = 3;

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let case = prop::sample::select(RefundCase::ALL.to_vec());
    let act = prop_oneof![
        (0..BOOKINGS).prop_map(Act::Pay),
        (0..BOOKINGS, case).prop_map(|(booking, case)| Act::Refund(booking, case)),
    ];
    prop::collection::vec(act, 1..20)
}

#[test]
fn any_sequence_of_payments_and_refunds_leaves_the_books_at_zero_and_the_statement_true() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut runner = TestRunner::new(ProptestConfig { cases: 12, ..ProptestConfig::default() });
    let percents = prop::array::uniform3(1_u8..=100);
    runner
        .run(&(percents, acts()), |(percents, acts)| {
            runtime.block_on(async {
                let till = Till::open(percents).await;
                let mut bookings = Vec::new();
                for (number, ended_by) in ["cancelled", "no_show_at_zone", "cancelled"].into_iter().enumerate() {
                    bookings.push(till.booking(number, ended_by).await);
                }
                for act in acts {
                    // What is refused changes nothing, which is what is looked at afterwards.
                    let done = match act {
                        Act::Pay(number) => till.pay(bookings[number]).await.map(|_| ()),
                        Act::Refund(number, case) => till.refund(bookings[number], case).await,
                    };
                    assert!(!matches!(done, Err(Error::Internal(_))), "{done:?}");
                }
                assert_eq!(till.account("true").await, 0, "the accounts sum to zero");
                let beyond = "SELECT count(*) FROM (
                        SELECT sum(operator_kopiyky * CASE kind WHEN 'payment' THEN 1 ELSE -1 END) AS operator,
                               sum(zone_kopiyky * CASE kind WHEN 'payment' THEN 1 ELSE -1 END) AS zone
                        FROM fee_transactions GROUP BY booking_id) AS left_of WHERE operator < 0 OR zone < 0";
                assert_eq!(till.site.number(beyond).await, 0, "nobody got back more than was paid");
                let mut stated = 0;
                for account in till.statement().await {
                    let lines: i64 = account.lines.iter().map(|line| line.amount.amount.hundredths()).sum();
                    assert_eq!(account.balance.amount.hundredths(), lines);
                    let condition = account.zone.map_or("account = 'operator'".into(), |zone| format!("zone = '{zone}'"));
                    assert_eq!(till.account(&condition).await, lines, "the statement is the ledger");
                    stated += lines;
                }
                assert_eq!(till.account("account = 'payer'").await, -stated, "and all of it");
            });
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn refunds_of_several_cases_never_come_to_more_than_was_paid() {
    let till = Till::open([60, 70, 1]).await;
    let booking = till.booking(1, "cancelled").await;
    let paid = till.pay(booking).await.unwrap();
    assert_eq!(paid.zone, "KRAKIVETS-1");
    till.refund(booking, RefundCase::LiveWait).await.unwrap();
    till.refund(booking, RefundCase::Cancellation).await.unwrap();
    assert_eq!(till.account("account = 'operator'").await, 0);
    assert_eq!(till.account("account = 'zone'").await, 0);
    assert_eq!(till.account("account = 'payer'").await, 0, "all of it is back with the payer");
}

#[tokio::test]
async fn a_live_wait_is_one_in_the_live_queue_whatever_queue_the_booking_came_to_afterwards() {
    let till = Till::open([100, 0, 0]).await;
    let pre_booked = till.site.book("r-1", "AA 0001 BB", 0).await;
    till.site.becomes(pre_booked, &slot(30)).await;
    till.site.record_one(till.site.fact_of("z-1", EventKind::ZoneArrived, "AA 0001 BB", 10)).await;
    till.site.call(noon(30)).await.unwrap();
    let live = till.site.waits(2, 20).await;
    till.site.call(noon(40)).await.unwrap();
    // Nobody comes: both stand in the live queue then.
    till.site.sweep(40 + 240).await;
    till.site.becomes(live, "queue = 'priority', priority_class = 'aid'").await;
    for (booking, given) in [(pre_booked, false), (live, true)] {
        till.pay(booking.0).await.unwrap();
        assert_eq!(till.refund(booking.0, RefundCase::LiveWait).await.is_ok(), given);
    }
}

#[tokio::test]
async fn who_lost_its_slot_and_cancels_then_has_cancelled_after_it() {
    let till = Till::open([0, 100, 0]).await;
    let booking = till.site.book("r-1", "AA 0001 BB", 0).await;
    till.site.becomes(booking, &slot(30)).await;
    assert_eq!(till.site.sweep(30 + 60).await.absences.len(), 1);
    till.pay(booking.0).await.unwrap();
    let end = format!(
        "UPDATE bookings SET rules_version = 2, ended_by = 'cancelled', ended_at = '2026-11-21T14:00:00Z' WHERE id = '{booking}'"
    );
    till.site.connection().await.batch_execute(&end).await.unwrap();
    assert!(till.refund(booking.0, RefundCase::Cancellation).await.is_err());
}

#[tokio::test]
async fn the_database_itself_refuses_what_must_never_be() {
    let till = Till::open([60, 70, 1]).await;
    let booking = till.booking(1, "cancelled").await;
    till.pay(booking).await.unwrap();
    for table in ["tariffs", "exchange_rates", "fee_transactions", "payments", "ledger_entries"] {
        for sql in [format!("DELETE FROM {table}"), format!("UPDATE {table} SET checkpoint = checkpoint")] {
            let sql =
                sql.replace("exchange_rates SET checkpoint = checkpoint", "exchange_rates SET rate = 1");
            let told = till.tell(&sql).await;
            assert!(told.contains(&format!("{table} is not changed")), "{sql}: {told}");
        }
    }
    assert!(till.tell("TRUNCATE ledger_entries").await.contains("is not changed"));
    let transaction = |position: i64, kopiyky: i64| {
        format!(
            "INSERT INTO fee_transactions SELECT checkpoint, {position}, 'refund', booking_id, system_id, operator_id,
                 'BY-HAND-{position}', digest, {kopiyky}, 0, happened_at, recorded_at FROM fee_transactions WHERE kind = 'payment';"
        )
    };
    let entry = |position: i64, line: i64, account: &str, kopiyky: i64| {
        format!(
            "INSERT INTO ledger_entries VALUES ('UA209030', {position}, {line}, '{account}', NULL, {kopiyky});"
        )
    };
    let refund = |position: i64| {
        format!(
            "INSERT INTO refunds (checkpoint, booking_id, refund_case, position, percent, grounds, rules_version)
             VALUES ('UA209030', '{booking}', 'no_show', {position}, 1, '{{}}', 2);"
        )
    };
    let unbalanced = "is not balanced";
    let told = till.tell(&transaction(1001, 100)).await;
    assert!(told.contains(unbalanced), "no entry in the ledger: {told}");
    let told = till
        .tell(
            &[transaction(1001, 100), entry(1001, 1, "payer", 100), entry(1001, 2, "operator", -99)].concat(),
        )
        .await;
    assert!(told.contains(unbalanced), "a kopiyka is lost: {told}");
    let told = till
        .tell(
            &[transaction(1001, 100), entry(1001, 1, "payer", -100), entry(1001, 2, "operator", 100)]
                .concat(),
        )
        .await;
    assert!(told.contains(unbalanced), "a refund that is booked as a payment: {told}");
    let beyond = 53_418;
    let balanced = [
        transaction(1001, beyond),
        entry(1001, 1, "payer", beyond),
        entry(1001, 2, "operator", -beyond),
        refund(1001),
    ];
    let told = till.tell(&balanced.concat()).await;
    assert!(told.contains("more is given back than was paid"), "{told}");
    let within = [
        transaction(1001, 100),
        entry(1001, 1, "payer", 100),
        entry(1001, 2, "operator", -100),
        refund(1001),
    ];
    assert_eq!(till.tell(&within.concat()).await, "done", "the refusals above are not for want of form");
    for (operator, zone) in [(199, 100), (401, 100), (200, 0), (400, 1101)] {
        let put = format!(
            "INSERT INTO tariffs SELECT checkpoint, version + 1, applies_from, {operator}, {zone}, zone, decision, put_by, put_at FROM tariffs"
        );
        assert!(till.tell(&put).await.contains("check constraint"), "{operator} {zone}");
    }
}

/// Publishes nothing on the first question, and counts the questions.
#[derive(Clone, Default)]
struct LatePublisher(std::sync::Arc<std::sync::Mutex<Vec<NaiveDate>>>);

#[async_trait]
impl ExchangeRates for LatePublisher {
    async fn official(&self, _: Currency, day: NaiveDate) -> Result<Published, RateFault> {
        let mut asked = self.0.lock().unwrap();
        asked.push(day);
        if asked.len() == 1 {
            return Err(RateFault::NotPublished);
        }
        Ok(Published { rate: Rate::parse("48.1234").unwrap(), source: "bank.gov.ua".into() })
    }
}

#[tokio::test]
async fn the_rate_of_a_day_is_asked_for_when_the_day_begins_and_until_it_is_there() {
    let publisher = LatePublisher::default();
    let rates = Rates::new(publisher.clone());
    let bare = Site::fresh().await;
    // 22:00 in UTC is midnight in Kyiv.
    let clock = |minutes: i64| Clock::of(move || noon(600 + minutes));
    let look = async |site: &Site, minutes, known| {
        prefetch::look(&site.database, &rates, &clock(minutes), known).await
    };
    assert_eq!(look(&bare, 0, None).await.unwrap(), None, "without a tariff nobody is asked");
    assert!(publisher.0.lock().unwrap().is_empty());
    let till = Till::open([100, 50, 0]).await;
    look(&till.site, 0, None).await.unwrap_err();
    let day = look(&till.site, 1, None).await.unwrap();
    assert_eq!(day, Some("2026-11-22".parse().unwrap()));
    assert_eq!(look(&till.site, 2, day).await.unwrap(), day);
    assert_eq!(publisher.0.lock().unwrap().len(), 2, "once it is known nobody is asked again");
    let next = look(&till.site, 24 * 60, day).await.unwrap();
    assert_eq!(next, Some("2026-11-23".parse().unwrap()));
    let kept = "SELECT count(*) FROM exchange_rates WHERE day IN ('2026-11-22', '2026-11-23')";
    assert_eq!(till.site.number(kept).await, 2);
}
