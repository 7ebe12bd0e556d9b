//! The routes, one file an act. The folders mirror the addresses.

pub(crate) mod boards;
pub(crate) mod checkpoints;
pub(crate) mod crossings;
pub(crate) mod customs_offices;
pub(crate) mod health;
pub(crate) mod metrics;
pub(crate) mod my_booking;
pub(crate) mod notices;
pub(crate) mod outages;
pub(crate) mod problems;
pub(crate) mod schemas;
pub(crate) mod signing_certificate;

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// Every route under its address.
pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(
            scope::scope("/api/v1")
                .service(checkpoints::list::list_checkpoints)
                .service(checkpoints::show::show_checkpoint)
                .service(checkpoints::events::record::record_events)
                .service(checkpoints::events::list::list_events)
                .service(checkpoints::events::place::place_event)
                .service(checkpoints::bookings::book_vehicle)
                .service(checkpoints::calls::call_vehicle)
                .service(checkpoints::queue::show_queue)
                .service(checkpoints::call_list::show_call_list)
                .service(checkpoints::admission::ask_admission)
                .service(checkpoints::admission_list::show_admission_list)
                .service(checkpoints::changes::list::list_queue_changes)
                .service(checkpoints::changes::stream::stream_queue)
                .service(checkpoints::zone_queue::show_zone_queue)
                .service(checkpoints::directed::list_directed_vehicles)
                .service(checkpoints::holder_secret::renew_holder_secret)
                .service(my_booking::show_my_booking)
                .service(signing_certificate::show_signing_certificate)
                .service(crossings::show_crossing)
                .service(customs_offices::list_customs_offices)
                .service(outages::declare::declare_outage)
                .service(outages::list::list_outages)
                .service(outages::show::show_outage)
                .service(outages::amend::amend_outage)
                .service(notices::feed::read_notices)
                .service(notices::show::show_notice),
        )
        .service(boards::show_board)
        .service(health::live)
        .service(health::ready)
        .service(metrics::show_metrics)
        .service(schemas::show_schema)
        .service(problems::list_problems)
        .service(problems::show_problem);
}
