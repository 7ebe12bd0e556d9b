//! `GET /api/v1/checkpoints` and `/api/v1/checkpoints/{checkpoint}`.

use kordon_hub::parties::Role;

use crate::hub::{KRAKIVETS, TestHub};

#[tokio::test]
async fn every_role_reads_the_43_checkpoints() {
    let hub = TestHub::start().await;
    for role in Role::ALL {
        let list = hub.get("/api/v1/checkpoints").as_role(role).send().await.expect(200);
        assert_eq!(list["items"].as_array().unwrap().len(), 43, "{role}");
    }
}

#[tokio::test]
async fn a_vehicle_is_booked_arrives_and_is_called() {
    let hub = TestHub::start().await;
    let booking = hub.book(KRAKIVETS, "AA 1234 BB").await;
    assert_eq!(hub.arrive(KRAKIVETS, "AA 1234 BB").await["crossing"], booking);
    assert_eq!(hub.call(KRAKIVETS).await["booking"], booking);
}
