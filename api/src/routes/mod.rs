//! The routes, one file an act. The folders mirror the addresses.

pub(crate) mod articles;
pub(crate) mod boards;
pub(crate) mod bookings;
pub(crate) mod checkpoints;
pub(crate) mod crossings;
pub(crate) mod customs_offices;
pub(crate) mod daily_control;
pub(crate) mod evidence;
pub(crate) mod exchange;
pub(crate) mod figures;
pub(crate) mod health;
pub(crate) mod metrics;
pub(crate) mod my_booking;
pub(crate) mod notices;
pub(crate) mod open_data;
pub(crate) mod outages;
pub(crate) mod permits;
pub(crate) mod problems;
pub(crate) mod schemas;
pub(crate) mod signing_certificate;
pub(crate) mod ticket_figures;
pub(crate) mod ticket_messages;
pub(crate) mod tickets;

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// Every route under its address.
pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(
            scope::scope("/api/v1")
                // Addresses are tried one after the other: what is asked most stands first.
                .service(checkpoints::events::record::record_events)
                .service(checkpoints::queue::show_queue)
                .service(checkpoints::admission::ask_admission)
                .service(checkpoints::list::list_checkpoints)
                .service(checkpoints::show::show_checkpoint)
                .service(checkpoints::events::list::list_events)
                .service(checkpoints::events::place::place_event)
                .service(checkpoints::bookings::book_vehicle)
                .service(checkpoints::calls::call_vehicle)
                .service(checkpoints::calls::show_call)
                .service(checkpoints::pauses::pause_calls)
                .service(checkpoints::pauses::list_pauses)
                .service(checkpoints::pauses::resume_calls)
                .service(checkpoints::predicted_entries::list_predicted_entries)
                .service(checkpoints::prediction_accuracy::show_prediction_accuracy)
                .service(checkpoints::call_list::show_call_list)
                .service(checkpoints::rules::show::show_rules)
                .service(checkpoints::rules::versions::list_rules_versions)
                .service(checkpoints::rules::put::put_rules)
                .service(checkpoints::operator::show_operator)
                .service(checkpoints::operator::hand_over_queue)
                .service(checkpoints::slots::show_slots)
                .service(checkpoints::petitions::file::file_petition)
                .service(checkpoints::petitions::read::list_petitions)
                .service(checkpoints::petitions::read::show_petition)
                .service(checkpoints::petitions::decide::decide_petition)
                .service(bookings::show::show_booking)
                .service(bookings::change::cancel_booking)
                .service(bookings::change::extend_booking)
                .service(bookings::change::lift_ban)
                .service(bookings::change::swap_vehicle)
                .service(checkpoints::tariff::show_tariffs)
                .service(checkpoints::tariff::put_tariff)
                .service(checkpoints::fee_quote::quote_fee)
                .service(checkpoints::statements::show_statement)
                .service(bookings::payments::record_payment)
                .service(bookings::refunds::record_refund)
                .service(figures::show_figures)
                .service(open_data::show_open_figures)
                .service(checkpoints::admission_list::show_admission_list)
                .service(checkpoints::changes::list::list_queue_changes)
                .service(checkpoints::changes::stream::stream_queue)
                .service(checkpoints::zone_queue::show_zone_queue)
                .service(checkpoints::directed::list_directed_vehicles)
                .service(checkpoints::holder_secret::renew_holder_secret)
                .service(my_booking::show_my_booking)
                .service(signing_certificate::show_signing_certificate)
                .service(evidence::fetch_evidence)
                .service(crossings::show_crossing)
                .service(customs_offices::list_customs_offices)
                .service(outages::declare::declare_outage)
                .service(outages::list::list_outages)
                .service(outages::show::show_outage)
                .service(outages::amend::amend_outage)
                .service(notices::feed::read_notices)
                .service(notices::show::show_notice)
                .service(notices::press_text::show::show_press_text)
                .service(notices::press_text::edit::edit_press_text)
                .service(notices::press_text::release::release_press_text)
                .service(notices::publish::record_publication)
                .service(notices::reject::reject_notice)
                .service(tickets::register::register_ticket)
                .service(tickets::list::list_tickets)
                .service(tickets::show::show_ticket)
                .service(tickets::deadlines::show_deadlines)
                .service(tickets::moves::move_ticket)
                .service(tickets::priorities::prioritise_ticket)
                .service(tickets::extensions::extend_deadline)
                .service(tickets::tellings::record_telling)
                .service(tickets::people::name_people)
                .service(tickets::answers::answer_user)
                .service(tickets::correspondence::show_correspondence)
                .service(articles::write::begin_article)
                .service(articles::write::rewrite_article)
                .service(articles::change::publish_article)
                .service(articles::change::withdraw_article)
                .service(articles::read::list_articles)
                .service(articles::read::show_article)
                .service(articles::open::list_open_articles)
                .service(articles::open::show_open_article)
                .service(daily_control::show_daily_control)
                .service(ticket_figures::show_ticket_figures)
                .service(ticket_messages::hand_in::hand_in_message)
                .service(ticket_messages::list::list_messages)
                .service(ticket_messages::show::show_message)
                .service(ticket_messages::attachment::take_attachment)
                .service(ticket_messages::register::register_message)
                .service(permits::file::file_permit_request)
                .service(permits::list::list_permit_requests)
                .service(permits::show::show_permit_request)
                .service(permits::decide::decide_permit_request)
                .service(permits::tell::tell_permit_decision)
                .service(permits::withdraw::state_withdrawal)
                .service(permits::check::check_permit)
                .service(permits::report::report_permit)
                .service(permits::revoke::revoke_permit)
                .service(permits::shares::list_continuity_use)
                .service(permits::shares::state_declaration_total)
                .service(permits::refer::state_crossing_permit)
                .service(permits::of_crossing::show_crossing_permits)
                .service(exchange::send::send_document)
                .service(exchange::inbox::list_documents)
                .service(exchange::acknowledgement::show_acknowledgement)
                .service(exchange::show::show_document),
        )
        .service(boards::show_board)
        .service(schemas::show_schema)
        .service(problems::list_problems)
        .service(problems::show_problem);
    of_vitals(config);
}

/// How a process is: what each shows, whatever parts of a hub it plays.
pub(crate) fn of_vitals(config: &mut ServiceConfig<'_>) {
    config.service(health::live).service(health::ready).service(metrics::show_metrics);
}
