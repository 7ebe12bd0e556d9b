//! What else the hub must do for those who ask: the same in XML as in JSON, nothing twice for who has it
//! already, and the answer at the gate.

use kordon_hub::parties::Role;
use kordon_schemas::crossings::Stage;
use kordon_schemas::queue::{Admission, AdmissionReason, Decision};
use serde_json::{Value, json};

use crate::commands::demo::day::{CHECKPOINTS, System, Vehicle};
use crate::commands::demo::script::expectation::Expectation;
use crate::commands::demo::script::plates;
use crate::commands::demo::systems::client::Request;
use crate::commands::demo::systems::replies;
use crate::commands::demo::systems::wire::Body;
use crate::commands::demo::systems::{Play, path};

/// How often two reads are tried that have to say the same, when others change the hub between them.
const TRIES: usize = 5;

/// How many vehicles of each stage stand at the gate of each checkpoint.
const AT_THE_GATE: usize = 3;

/// Tries everything, and notes what is not as it must be. Returns how many questions were asked at the gates.
pub(crate) async fn probe(play: &Play, expectation: &Expectation) -> anyhow::Result<usize> {
    for place in 0..CHECKPOINTS.len() {
        for what in ["queue", "call-list", "events?limit=50"] {
            compare_forms(play, &path(place, what)).await?;
        }
        poll_the_queue(play, place).await?;
    }
    let first = play.memory().bookings.values().next().copied();
    if let Some(crossing) = first {
        compare_forms(play, &format!("/api/v1/crossings/{crossing}")).await?;
    }
    stand_at_the_gates(play, expectation).await
}

/// The same thing, read in both forms.
async fn compare_forms(play: &Play, path: &str) -> anyhow::Result<()> {
    let mut difference = None;
    for _ in 0..TRIES {
        let ask = |accept: &str| {
            play.door.send(Request::get(Role::BorderGuard, path).with_purpose().with("Accept", accept))
        };
        let json: Value = ask("application/json").await?.json()?;
        let xml = ask("application/xml").await?;
        anyhow::ensure!(xml.status == 200, "{path} was answered {} as XML", xml.status);
        difference = replies::difference(std::str::from_utf8(&xml.body)?, &json)?;
        if difference.is_none() {
            return Ok(());
        }
    }
    play.disagree(format!("{path} is not the same in both forms: {}", difference.unwrap_or_default()));
    Ok(())
}

/// Who has the queue as it stands is not sent it again.
async fn poll_the_queue(play: &Play, place: usize) -> anyhow::Result<()> {
    let request = || Request::get(Role::Customs, path(place, "queue")).with("Accept", "application/xml");
    let mut told = None;
    for _ in 0..TRIES {
        let tag = play.door.send(request()).await?.tag.unwrap_or_default();
        let reply = play.door.send(request().with("If-None-Match", tag)).await?;
        if reply.status == 304 && reply.body.is_empty() {
            return Ok(());
        }
        told = Some(reply.status);
    }
    play.disagree(format!("the queue of {place} was answered {told:?} to one who had it"));
    Ok(())
}

/// Vehicles of every stage ask to be let in, and one that nobody knows.
async fn stand_at_the_gates(play: &Play, expectation: &Expectation) -> anyhow::Result<usize> {
    let mut asked = 0;
    for place in 0..CHECKPOINTS.len() {
        for stage in Stage::ALL {
            let ways = play.script.vehicles.iter().zip(&expectation.ways).enumerate();
            let here = ways.filter(|(_, (vehicle, way))| vehicle.checkpoint == place && way.stage() == stage);
            for (number, (vehicle, _)) in here.take(AT_THE_GATE) {
                ask(play, place, number, vehicle, stage).await?;
                asked += 1;
            }
        }
        let admission = admission(play, place, "AA 0001 ZZ", false).await?;
        asked += 1;
        if (admission.decision, admission.reason) != (Decision::Refuse, AdmissionReason::NotBooked) {
            play.disagree(format!("a vehicle that nobody knows was answered {admission:?}"));
        }
    }
    Ok(asked)
}

async fn ask(
    play: &Play,
    place: usize,
    number: usize,
    vehicle: &Vehicle,
    stage: Stage,
) -> anyhow::Result<()> {
    let (decision, reason) = match stage {
        Stage::Booked | Stage::ZoneArrived => (Decision::Refuse, AdmissionReason::NotCalled),
        Stage::Called | Stage::ZoneLeft => (Decision::Admit, AdmissionReason::Called),
        Stage::CheckpointEntered | Stage::Controls => (Decision::Refuse, AdmissionReason::AlreadyEntered),
        Stage::CheckpointLeft => (Decision::Refuse, AdmissionReason::NotBooked),
    };
    let system = if number.is_multiple_of(2) { System::BorderGuard } else { System::Customs };
    let plate = plates::written(&vehicle.plate, system);
    let admission = admission(play, place, &plate, number.is_multiple_of(2)).await?;
    let (known, called_at) = {
        let memory = play.memory();
        (memory.bookings.get(&number).copied(), memory.called_at.get(&number).copied())
    };
    let booking = known.filter(|_| stage != Stage::CheckpointLeft);
    let in_time = match called_at.filter(|_| booking.is_some()) {
        Some(called_at) => admission.deadline_at.is_some_and(|deadline| deadline > called_at),
        None => admission.deadline_at.is_none(),
    };
    if (admission.decision, admission.reason, admission.booking) != (decision, reason, booking) || !in_time {
        play.disagree(format!(
            "{} stands at {stage:?} and was answered {admission:?} at the gate",
            vehicle.plate
        ));
    }
    Ok(())
}

/// Asks as a handheld of the border guard does, some of which speak XML in windows-1251.
async fn admission(play: &Play, place: usize, plate: &str, in_json: bool) -> anyhow::Result<Admission> {
    let body = if in_json {
        Body::json(&json!({"plate": plate}))
    } else {
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"windows-1251\"?><admission_query xmlns=\"urn:kordon:exchange:1\"><plate>{plate}\
             </plate></admission_query>"
        );
        let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(&text);
        Body { content_type: "application/xml", bytes: bytes.into_owned() }
    };
    play.door.read(Request::post(Role::BorderGuard, path(place, "admission"), body)).await
}
