//! The recorder: many callers share a commit, and each hears of its own facts.

use futures_util::future::join_all;
use kordon_hub::crossings::{Recorder, RecorderMetrics, Submission};
use kordon_hub::{Clock, Error};
use kordon_schemas::events::EventKind as K;
use prometheus::Registry;
use tokio::task::LocalSet;

use crate::site::{PLATE, Site, evening, event, krakivets, outcomes, positions, stated, yahodyn};

impl Site {
    /// A recorder over this database, as one replica has it.
    pub(crate) fn recorder(&self, registry: &Registry) -> Recorder {
        let metrics = RecorderMetrics::register(registry).unwrap();
        Recorder::start(self.database.clone(), Clock::of(evening), metrics).0
    }

    pub(crate) fn submission(&self, id: &str, plate: &str) -> Submission {
        Submission { checkpoint: krakivets(), facts: vec![self.fact_of(id, K::CheckpointEntered, plate, 60)] }
    }
}

#[tokio::test]
async fn every_caller_hears_of_its_own_facts() {
    let site = Site::fresh().await;
    let recorder = site.recorder(&Registry::new());
    all_hear_of_their_own(&site, &recorder).await;
}

#[tokio::test]
async fn callers_of_one_thread_are_answered_together_and_each_for_its_own() {
    let site = Site::fresh().await;
    let recorder = site.recorder(&Registry::new());
    let of_thread = LocalSet::new();
    of_thread.run_until(async { all_hear_of_their_own(&site, &recorder.at_home()).await }).await;
}

#[tokio::test]
async fn a_caller_whose_thread_takes_no_more_answers_is_answered_all_the_same() {
    let site = Site::fresh().await;
    let recorder = site.recorder(&Registry::new());
    let of_thread = LocalSet::new();
    let homeless = of_thread.run_until(async { recorder.at_home() }).await;
    drop(of_thread);
    let recorded = homeless.record(site.submission("homeless", PLATE)).await.unwrap();
    assert_eq!(outcomes(&recorded), ["unmatched"]);
}

async fn all_hear_of_their_own(site: &Site, recorder: &Recorder) {
    let callers = (0..200).map(|number| {
        let (here, there) = (format!("k-{number}"), format!("y-{number}"));
        let plate = format!("AA {number:04} BB");
        let facts = |checkpoint, id: &str| {
            let sent = [K::CheckpointEntered, K::CheckpointLeft];
            let ids = (0..2).map(|part| format!("{id}-{part}"));
            sent.into_iter()
                .zip(ids)
                .map(|(kind, id)| stated(&site.guard, checkpoint, event(&id, kind, &plate, 60)))
                .collect()
        };
        let submissions = [
            Submission { checkpoint: krakivets(), facts: facts(&krakivets(), &here) },
            Submission { checkpoint: yahodyn(), facts: facts(&yahodyn(), &there) },
        ];
        let recorder = recorder.clone();
        async move {
            for submission in submissions {
                let recorded = recorder.record(submission).await.unwrap();
                assert_eq!(outcomes(&recorded), ["unmatched", "unmatched"]);
                let both = positions(&recorded);
                assert_eq!(both[0].unwrap() + 1, both[1].unwrap(), "what one caller sends stays together");
            }
        }
    });
    join_all(callers).await;
    for checkpoint in ["UA209030", "UA205020"] {
        let gap_free = format!(
            "SELECT count(*) FROM checkpoint_events WHERE checkpoint = '{checkpoint}'
             AND position BETWEEN 1 AND 400"
        );
        assert_eq!(site.number(&gap_free).await, 400);
    }
    let batches = site.number("SELECT count(DISTINCT xmin::text) FROM checkpoint_events").await;
    assert!(batches < 400, "they shared commits: {batches}");
}

#[tokio::test]
async fn nothing_stated_is_nothing_recorded() {
    let site = Site::fresh().await;
    let recorder = site.recorder(&Registry::new());
    let nothing = Submission { checkpoint: krakivets(), facts: Vec::new() };
    assert_eq!(recorder.record(nothing).await.unwrap(), []);
    assert_eq!(site.number("SELECT max(last_position) FROM checkpoint_journals").await, 0);
}

#[tokio::test]
async fn more_than_there_is_room_for_is_refused_and_not_recorded() {
    let site = Site::fresh().await;
    let recorder = site.recorder(&Registry::new());
    let fact = site.fact("e-1", K::CheckpointEntered, 60);
    let flood = Submission { checkpoint: krakivets(), facts: vec![fact; 20_001] };
    assert!(matches!(recorder.record(flood).await, Err(Error::Overloaded)));
    assert_eq!(site.number("SELECT count(*) FROM checkpoint_events").await, 0);
    assert!(recorder.record(site.submission("e-1", PLATE)).await.is_ok(), "there is room again");
}

#[tokio::test]
async fn one_callers_bad_luck_is_not_everyones() {
    let site = Site::fresh().await;
    let recorder = site.recorder(&Registry::new());
    // A defect of the database that only one fact meets.
    let trap = "CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION 'a defect'; END $$;
                CREATE TRIGGER trap BEFORE INSERT ON checkpoint_events
                FOR EACH ROW WHEN (NEW.event_id = 'e-bad') EXECUTE FUNCTION trap()";
    diesel_async::SimpleAsyncConnection::batch_execute(&mut *site.connection().await, trap).await.unwrap();
    let (one, bad, other) = tokio::join!(
        recorder.record(site.submission("e-1", PLATE)),
        recorder.record(site.submission("e-bad", PLATE)),
        recorder.record(site.submission("e-2", PLATE)),
    );
    assert!(matches!(bad, Err(Error::Internal(_))));
    assert_eq!(outcomes(&[one.unwrap().remove(0), other.unwrap().remove(0)]), ["unmatched", "unmatched"]);
    assert_eq!(site.number("SELECT max(last_position) FROM checkpoint_journals").await, 2);
}

#[tokio::test]
async fn facts_are_counted_by_kind_and_outcome() {
    let site = Site::fresh().await;
    let registry = Registry::new();
    let recorder = site.recorder(&registry);
    for _ in 0..3 {
        recorder.record(site.submission("e-1", PLATE)).await.unwrap();
    }
    let text = prometheus::TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
    for line in [
        r#"kordon_events_total{kind="checkpoint-entered",outcome="unmatched"} 1"#,
        r#"kordon_events_total{kind="checkpoint-entered",outcome="duplicate"} 2"#,
        "kordon_recorder_batch_events_count 3",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}
