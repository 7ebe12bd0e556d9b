//! The RSA keys that both sides sign with. Certificates of 2,048 bits are still the usual ones; ETSI TS 119
//! 312 has new ones be of 3,000 or more, and what the signatures themselves cost grows with the third power
//! of it.

/// How long the modulus of the keys is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeySize {
    /// 2,048 bits.
    Usual,
    /// 3,072 bits.
    Long,
    /// 4,096 bits.
    Longest,
}

impl KeySize {
    /// All of them, the shortest first.
    pub(super) const ALL: [Self; 3] = [Self::Usual, Self::Long, Self::Longest];

    /// Bits of the modulus.
    pub(super) const fn bits(self) -> u16 {
        match self {
            Self::Usual => 2048,
            Self::Long => 3072,
            Self::Longest => 4096,
        }
    }
}
