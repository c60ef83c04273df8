//! Dice that can be thrown again.

use counterfoil_domain::entropy::{Entropy, random_bytes};
use counterfoil_testkit::RepeatableEntropy;

use super::number_from_environment;

/// A series of numbers that its seed decides.
pub(crate) struct Dice(RepeatableEntropy);

impl Dice {
    /// Dice with a new seed, or the one in the environment; says which, so that a failure can be
    /// looked into.
    #[expect(
        clippy::print_stdout,
        reason = "the seed of a run is part of its result"
    )]
    pub(crate) fn announced() -> Self {
        let seed = number_from_environment("COUNTERFOIL_CRASH_SEED");
        // No two runs have the same process id for long.
        let seed = seed.unwrap_or_else(|| std::process::id().into());
        println!("COUNTERFOIL_CRASH_SEED={seed}");
        Self(RepeatableEntropy::new(seed))
    }

    /// Other dice, whose series this one decides.
    pub(crate) fn another(&self) -> Self {
        Self(RepeatableEntropy::new(self.next()))
    }

    /// A number below the bound.
    pub(crate) fn below(&self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// One of these.
    pub(crate) fn pick<'a, T>(&self, from: &'a [T]) -> Option<&'a T> {
        let bound = u64::try_from(from.len()).expect("a list fits into 64 bits");
        (bound > 0)
            .then(|| &from[usize::try_from(self.below(bound)).expect("it is below a length")])
    }

    fn next(&self) -> u64 {
        let entropy: &dyn Entropy = &self.0;
        u64::from_le_bytes(random_bytes(entropy))
    }
}
