//! The secret of a booking's holder: shown once, kept as a hash, of one booking.

use diesel_async::SimpleAsyncConnection;
use kordon_hub::queue::views::holder::{self, Held, Secret};
use kordon_hub::queue::{admission, booking};
use kordon_schemas::queue::AdmissionReason;
use kordon_schemas::{Plate, ProblemCode};
use uuid::Uuid;

use crate::site::{PLATE, Site, booking_of, evening, krakivets, noon, yahodyn};

impl Site {
    async fn held(&self, reference: &str, secret: &str) -> Option<Held> {
        let secret = Secret::parse(secret)?;
        holder::by_secret(&mut *self.connection().await, reference, &secret).await.unwrap()
    }
}

#[tokio::test]
async fn a_secret_opens_its_own_booking_and_no_other() {
    let site = Site::fresh().await;
    let mut connection = site.connection().await;
    let mut book = async |reference: &str, plate: &str| {
        let asked = booking_of(reference, plate, 0);
        booking::book(&mut connection, &site.operator, &krakivets(), &asked, evening()).await.unwrap()
    };
    let (first, second) = (book("r-1", "AA 0001 BB").await, book("r-2", "AA 0002 BB").await);
    let again = book("r-1", "AA 0001 BB").await;
    assert_eq!(again.booking.holder_secret, None, "it is shown once");
    let secret = |booked: &booking::Booked| booked.booking.holder_secret.clone().unwrap();
    let opened = site.held("r-1", &secret(&first)).await.unwrap();
    assert_eq!((opened.booking, opened.checkpoint), (first.booking.id, krakivets()));
    assert_eq!(site.held("r-1", &secret(&second)).await, None);
    assert_eq!(site.held("r-3", &secret(&first)).await, None);
    let stored =
        format!("SELECT count(*) FROM booking_secrets WHERE encode(hash, 'hex') = '{}'", secret(&first));
    assert_eq!(site.number(&stored).await, 0, "the secret itself is not kept");
}

#[tokio::test]
async fn two_operators_that_gave_the_same_reference_keep_their_holders_apart() {
    let site = Site::fresh().await;
    let other = site.other_operator().await;
    let mut connection = site.connection().await;
    let asked = booking_of("r-1", "AA 0001 BB", 0);
    let here = booking::book(&mut connection, &site.operator, &krakivets(), &asked, evening()).await.unwrap();
    let asked = booking_of("r-1", "AA 0002 BB", 0);
    let there = booking::book(&mut connection, &other, &yahodyn(), &asked, evening()).await.unwrap();
    for booked in [here, there] {
        let held = site.held("r-1", &booked.booking.holder_secret.unwrap()).await.unwrap();
        assert_eq!((held.booking, held.checkpoint), (booked.booking.id, booked.booking.checkpoint));
    }
}

#[tokio::test]
async fn a_renewed_secret_ends_the_one_before_and_is_the_operators_own_to_renew() {
    let site = Site::fresh().await;
    let mut connection = site.connection().await;
    let asked = booking_of("r-1", PLATE, 0);
    let booked =
        booking::book(&mut connection, &site.operator, &krakivets(), &asked, evening()).await.unwrap();
    let first = booked.booking.holder_secret.unwrap();
    let id = booked.booking.id;
    let renewed =
        holder::renew_secret(&mut connection, &site.operator, &krakivets(), id, noon(60)).await.unwrap();
    assert_eq!(site.held("r-1", &first).await, None);
    assert_eq!(site.held("r-1", &renewed.holder_secret).await.unwrap().booking, id);
    let other = site.other_operator().await;
    for (actor, checkpoint, booking) in [
        (&other, krakivets(), id),
        (&site.operator, yahodyn(), id),
        (&site.operator, krakivets(), Uuid::from_u128(1)),
    ] {
        let refused = holder::renew_secret(&mut connection, actor, &checkpoint, booking, noon(70)).await;
        assert_eq!(refused.unwrap_err().code(), ProblemCode::NotFound);
    }
}

#[tokio::test]
async fn a_booking_that_has_ended_opens_no_gate_and_the_one_that_awaits_entry_counts() {
    let site = Site::fresh().await;
    site.book("r-1", PLATE, 0).await;
    site.record_one(site.fact("z-1", kordon_schemas::events::EventKind::ZoneArrived, 5)).await;
    site.call(noon(10)).await.unwrap();
    let asked = async || {
        let plate = Plate::parse(PLATE).unwrap();
        let mut connection = site.connection().await;
        admission::admission(&mut connection, &krakivets(), &plate, noon(20)).await.unwrap().reason
    };
    assert_eq!(asked().await, AdmissionReason::Called);
    let end = "UPDATE bookings SET ended_at = booked_at, ended_by = 'cancelled'";
    site.connection().await.batch_execute(end).await.unwrap();
    assert_eq!(asked().await, AdmissionReason::NotBooked);
}
