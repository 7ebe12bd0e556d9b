//! The usual first steps of a test of fees: a tariff, a payment, a short wait.

use chrono::TimeDelta;
use kordon_hub::parties::Role;
use serde_json::{Value, json};

use super::{Answer, KRAKIVETS, TestHub};

/// A lawful tariff: EUR 3.00 for the operator, EUR 12.00 for the zone, which at 48.1234 is UAH 721.85.
pub(crate) fn tariff() -> Value {
    json!({"operator_share": {"amount": "3.00", "currency": "EUR"}, "zone_share": {"amount": "12.00", "currency": "EUR"},
        "zone": "KRAKIVETS-9", "applies_from": "2026-11-01", "decision": "№ 17"})
}

/// The payment of a booking of 21 November by that tariff.
pub(crate) fn payment(reference: &str) -> Value {
    json!({"reference": reference, "amount": {"amount": "721.85", "currency": "UAH"}, "method": "cashless"})
}

impl TestHub {
    /// Puts a tariff at Krakivets as the administrator.
    pub(crate) async fn put_tariff(&self, tariff: &Value) -> Answer {
        let put = self.put(&Self::at(KRAKIVETS, "tariff")).as_role(Role::Administrator);
        put.json(tariff).send().await
    }

    /// Records a payment as the queue operator.
    pub(crate) async fn pay(&self, booking: &str, payment: &Value) -> Answer {
        let address = format!("/api/v1/bookings/{booking}/payments");
        self.post(&address).as_role(Role::QueueOperator).json(payment).send().await
    }

    /// Records a refund as the queue operator.
    pub(crate) async fn refund(&self, booking: &str, reference: &str, case: &str) -> Answer {
        let address = format!("/api/v1/bookings/{booking}/refunds");
        let refund = json!({"reference": reference, "case": case});
        self.post(&address).as_role(Role::QueueOperator).json(&refund).send().await
    }

    /// Books a vehicle at Krakivets, pays, and calls it so many minutes after its arrival.
    pub(crate) async fn paid_and_called(&self, plate: &str, minutes: i64) -> String {
        let booking = self.book(KRAKIVETS, plate).await;
        self.pay(&booking, &payment(&format!("PAY-{}", plate.replace(' ', "")))).await.expect(201);
        self.arrive(KRAKIVETS, plate).await;
        self.clock.advance(TimeDelta::minutes(minutes));
        self.call(KRAKIVETS).await;
        booking
    }
}
