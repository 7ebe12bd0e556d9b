//! Chance with a seed: the same world on every machine and with every version of every library (SplitMix64).

/// A stream of chance.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Between 0 and 1, neither of them.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub(super) fn part(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Happens with this probability.
    pub(super) fn happens(&mut self, probability: f64) -> bool {
        self.part() < probability
    }

    /// A wait for something that comes at random, of this mean.
    pub(super) fn exponential(&mut self, mean: f64) -> f64 {
        -self.part().ln() * mean
    }

    /// Around 0 with deviation 1.
    pub(super) fn normal(&mut self) -> f64 {
        (-2.0 * self.part().ln()).sqrt() * (std::f64::consts::TAU * self.part()).cos()
    }

    /// Positive, of mean 1, with about this relative deviation.
    pub(super) fn noise(&mut self, deviation: f64) -> f64 {
        (self.normal() * deviation - deviation * deviation / 2.0).exp()
    }

    /// How many of things that come at random come, when this many are expected.
    pub(super) fn count(&mut self, expected: f64) -> u32 {
        let mut count = 0;
        let mut at = self.exponential(1.0);
        while at < expected {
            count += 1;
            at += self.exponential(1.0);
        }
        count
    }
}
