//! The fee of two vehicles is quoted, paid, and given back by the rules.

use kordon_hub::parties::Role;
use kordon_schemas::ProblemCode;
use kordon_schemas::fees::{FeeQuote, Payment, Refund};
use serde_json::json;

use super::cast::Part;
use super::stage::{Stage, at};
use crate::commands::demo::systems::client::Request;
use crate::commands::demo::systems::wire::Body;

/// EUR 15 at the rate of the played bank, in hryvnias.
pub(crate) const FEE: &str = "721.85";

/// The operator's EUR 3 of it.
const OPERATOR_SHARE: &str = "144.37";

/// Half of the fee, a half kopiyka up.
const HALF: &str = "360.93";

/// The fee without both refunds of two payments: what is left in the books.
pub(crate) const LEFT: &str = "360.92";

/// Those who pay.
const PAYERS: [Part; 2] = [Part::Cancelled, Part::SoonCalled];

/// The operator asks what a booking costs, and records that two were paid.
pub(crate) async fn pay(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    let quote: FeeQuote = stage.read(Role::QueueOperator, &at("fee-quote")).await?;
    stage.compare("a fee of EUR 15.00, UAH", FEE, quote.uah.total.amount);
    stage.compare("  the operator's share of it, UAH", OPERATOR_SHARE, quote.uah.operator_share.amount);
    for (part, method) in PAYERS.into_iter().zip(["cashless", "cash"]) {
        let address = format!("/api/v1/bookings/{}/payments", stage.booking(part)?.id);
        let payment = |reference: String, amount: &str| json!({"reference": reference, "amount": {"amount": amount, "currency": "UAH"}, "method": method});
        let paid = payment(format!("pay-{part:?}"), FEE);
        let first: Payment = stage.post(Role::QueueOperator, &address, &paid).await?;
        let again: Payment = stage.post(Role::QueueOperator, &address, &paid).await?;
        let same = if first == again { "the same payment" } else { "another" };
        stage.compare(&format!("a payment ({method}) told again is"), "the same payment", same);
        let twice = Request::post(
            Role::QueueOperator,
            address,
            Body::json(&payment(format!("pay-again-{part:?}"), FEE)),
        );
        stage.refused("  a second payment", twice, ProblemCode::AlreadyPaid).await?;
    }
    Ok(())
}

/// Half is given back for a cancellation in good time, all for a live wait of less than an hour, nothing
/// where no rule says so.
pub(crate) async fn give_back(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    for (part, case, back) in [(Part::Cancelled, "cancellation", HALF), (Part::SoonCalled, "live_wait", FEE)]
    {
        let address = format!("/api/v1/bookings/{}/refunds", stage.booking(part)?.id);
        let body = json!({"reference": format!("refund-{part:?}"), "case": case});
        let refund: Refund = stage.post(Role::QueueOperator, &address, &body).await?;
        stage.compare(
            &format!("given back for a {}, UAH", case.replace('_', " ")),
            back,
            refund.uah.total.amount,
        );
    }
    let address = format!("/api/v1/bookings/{}/refunds", stage.booking(Part::SoonCalled)?.id);
    let no_show = json!({"reference": "refund-no-show", "case": "no_show"});
    let no_show = Request::post(Role::QueueOperator, address, Body::json(&no_show));
    stage.refused("  given back for a no-show of one who came", no_show, ProblemCode::NotRefundable).await?;
    Ok(())
}
