//! That each instant of a pause is given back once, however pauses overlap.

use proptest::prelude::*;

use super::*;

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
}

/// The pauses of a checkpoint, and a called vehicle of a lane.
struct Checkpoint {
    lane: &'static str,
    call: CallWindow,
    pauses: Vec<Span>,
    position: i64,
}

impl Checkpoint {
    fn with(lane: &'static str, called_at: i64, deadline_at: i64) -> Self {
        let call = CallWindow { called_at: at(called_at), deadline_at: at(deadline_at) };
        Self { lane, call, pauses: Vec::new(), position: 0 }
    }

    fn lasting(&mut self, lane: Option<&str>) -> Option<&mut Span> {
        self.pauses.iter_mut().find(|pause| pause.end.is_none() && pause.lane.as_deref() == lane)
    }

    /// Pauses what is not paused, and ends the pause of what is.
    fn turn(&mut self, lane: Option<&str>, minute: i64) {
        self.position += 1;
        let position = self.position;
        if let Some(pause) = self.lasting(lane) {
            pause.end = Some(End { position, at: at(minute) });
            let ended = pause.position;
            let stretch = ended_with(ended, self.lane, &self.pauses);
            if let Some(deadline_at) = stretch.and_then(|stretch| stretch.deadline_of(self.call, at(minute)))
            {
                self.call.deadline_at = deadline_at;
            }
        } else {
            let lane = lane.map(str::to_owned);
            self.pauses.push(Span { lane, position, paused_at: at(minute), end: None });
        }
    }

    /// Does all of that, and ends afterwards what lasts.
    fn play(&mut self, turns: &[(Option<&str>, i64)], last: &[Option<&str>]) {
        let mut minute = 0;
        for (lane, later) in turns {
            minute += later;
            self.turn(*lane, minute);
        }
        for lane in last {
            if self.lasting(*lane).is_some() {
                minute += 7;
                self.turn(*lane, minute);
            }
        }
    }

    fn deadline(&self) -> i64 {
        (self.call.deadline_at - at(0)).num_minutes()
    }

    /// Whether the lane stood from this minute to the next.
    fn stood(&self, minute: i64) -> bool {
        let stands = |pause: &Span| {
            let own = pause.lane.is_none() || pause.lane.as_deref() == Some(self.lane);
            own && pause.paused_at <= at(minute) && pause.end.is_none_or(|end| end.at > at(minute))
        };
        self.pauses.iter().any(stands)
    }
}

const X: Option<&str> = Some("x");
const WHOLE: Option<&str> = None;

#[test]
fn a_pause_that_ends_under_another_is_given_back_when_that_one_ends() {
    for (deadline, given) in [(15, 105), (45, 135), (0, 0), (-5, -5)] {
        let mut checkpoint = Checkpoint::with("x", -60, deadline);
        checkpoint.turn(X, 0);
        checkpoint.turn(WHOLE, 30);
        checkpoint.turn(X, 60);
        assert_eq!(checkpoint.deadline(), deadline, "the lane is paused still");
        checkpoint.turn(WHOLE, 90);
        assert_eq!(checkpoint.deadline(), given);
    }
}

#[test]
fn a_pause_within_another_gives_nothing_of_its_own() {
    for (lane, under, given) in [("x", 15, 70), ("y", 25, 25)] {
        let mut checkpoint = Checkpoint::with(lane, -60, 15);
        checkpoint.turn(X, 0);
        checkpoint.turn(WHOLE, 10);
        checkpoint.turn(WHOLE, 20);
        assert_eq!(checkpoint.deadline(), under);
        checkpoint.turn(X, 55);
        assert_eq!(checkpoint.deadline(), given);
    }
}

#[test]
fn of_pauses_that_meet_at_one_instant_the_journal_says_which_came_first() {
    let mut checkpoint = Checkpoint::with("x", -60, 5);
    checkpoint.turn(X, 0);
    checkpoint.turn(X, 10);
    assert_eq!(checkpoint.deadline(), 15);
    checkpoint.turn(WHOLE, 10);
    checkpoint.turn(X, 20);
    checkpoint.turn(WHOLE, 20);
    assert_eq!(checkpoint.deadline(), 15, "the lane's own pause lasts");
    checkpoint.turn(X, 30);
    assert_eq!(checkpoint.deadline(), 35);
}

#[test]
fn where_clocks_differ_no_time_is_given_twice() {
    let mut checkpoint = Checkpoint::with("x", -60, 5);
    checkpoint.turn(X, 0);
    checkpoint.turn(X, 11);
    checkpoint.turn(WHOLE, 10);
    checkpoint.turn(WHOLE, 20);
    assert_eq!(checkpoint.deadline(), 25);
    checkpoint.turn(WHOLE, 15);
    checkpoint.turn(WHOLE, 19);
    assert_eq!(checkpoint.deadline(), 25);
}

#[test]
fn a_call_of_within_a_pause_has_as_much_more_as_was_left_of_it() {
    let mut checkpoint = Checkpoint::with("x", 20, 30);
    checkpoint.turn(X, 0);
    checkpoint.turn(X, 50);
    assert_eq!(checkpoint.deadline(), 60);
    let mut later = Checkpoint::with("x", 50, 60);
    later.turn(X, 0);
    later.turn(X, 50);
    assert_eq!(later.deadline(), 60);
}

fn lane() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["x", "y", "z"])
}

fn turns() -> impl Strategy<Value = Vec<(Option<&'static str>, i64)>> {
    prop::collection::vec((prop::sample::select(vec![None, Some("x"), Some("y")]), 0..20_i64), 0..24)
}

fn last() -> impl Strategy<Value = Vec<Option<&'static str>>> {
    Just(vec![None, Some("x"), Some("y")]).prop_shuffle()
}

#[test]
fn a_lane_that_stands_lets_no_call_end_that_was_good_when_its_stretch_began() {
    let mut checkpoint = Checkpoint::with("x", -60, 5);
    checkpoint.turn(X, 0);
    checkpoint.turn(WHOLE, 10);
    checkpoint.turn(X, 20);
    let stands = of_lane("x", &checkpoint.pauses).pop().unwrap();
    assert!(stands.lasts());
    let by_now = |deadline| {
        let call = CallWindow { deadline_at: at(deadline), ..checkpoint.call };
        stands.deadline_of(call, at(40)).map(|deadline| (deadline - at(0)).num_minutes())
    };
    assert_eq!(by_now(5), Some(45), "the stretch began with the first of its pauses");
    assert_eq!(by_now(0), None);
}

proptest! {
    #[test]
    fn a_call_that_is_handed_in_late_is_due_when_it_would_be_had_it_been_told_at_once(
        lane in lane(), turns in turns(), last in last(), called_at in -30..200_i64, time in 1..120_i64,
    ) {
        let mut checkpoint = Checkpoint::with(lane, called_at, called_at + time);
        let call = checkpoint.call;
        checkpoint.play(&turns, &last);
        prop_assert_eq!(after_those_over(call, lane, &checkpoint.pauses), checkpoint.call);
    }

    #[test]
    fn who_was_called_before_all_pauses_has_as_much_more_as_the_lane_stood(
        lane in lane(), turns in turns(), last in last(),
    ) {
        let far = 1_000;
        let mut checkpoint = Checkpoint::with(lane, -10, far);
        checkpoint.play(&turns, &last);
        let stood = (0..far).filter(|minute| checkpoint.stood(*minute)).count();
        prop_assert_eq!(checkpoint.deadline() - far, i64::try_from(stood).unwrap());
    }

    #[test]
    fn a_deadline_is_where_the_time_of_a_call_is_used_up_in_minutes_that_did_not_stand(
        lane in lane(), turns in turns(), last in last(), called_at in -30..200_i64, time in 1..120_i64,
    ) {
        let mut checkpoint = Checkpoint::with(lane, called_at, called_at + time);
        checkpoint.play(&turns, &last);
        let mut running = (called_at..).filter(|minute| !checkpoint.stood(*minute));
        let last_minute = running.nth(usize::try_from(time).unwrap() - 1).unwrap();
        prop_assert_eq!(checkpoint.deadline(), last_minute + 1);
    }
}
