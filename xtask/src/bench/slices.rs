//! Two sides in turns.

use anyhow::Result;

use crate::bench::Length;

/// Which of two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Ours,
    Theirs,
}

/// Measures two sides in turns. Which goes first changes, so that neither always has the quieter
/// moment.
pub(crate) fn alternate<T>(
    length: Length,
    mut slice: impl FnMut(Side) -> Result<T>,
) -> Result<Vec<(T, T)>> {
    let mut pairs = Vec::new();
    for number in 0..length.slices {
        if number % 2 == 0 {
            let ours = slice(Side::Ours)?;
            pairs.push((ours, slice(Side::Theirs)?));
        } else {
            let theirs = slice(Side::Theirs)?;
            pairs.push((slice(Side::Ours)?, theirs));
        }
    }
    Ok(pairs)
}

/// Measures three sides in turns. Who goes first changes, and so does who follows whom.
pub(crate) fn rotate<T>(
    length: Length,
    mut slice: impl FnMut(usize) -> Result<T>,
) -> Result<Vec<[T; 3]>> {
    let mut all = Vec::new();
    for number in 0..length.slices {
        let mut order = [0, 1, 2];
        order.rotate_left(number as usize % 3);
        if number % 2 == 1 {
            order.reverse();
        }
        let mut taken = [const { None }; 3];
        for side in order {
            taken[side] = Some(slice(side)?);
        }
        let [Some(first), Some(second), Some(third)] = taken else {
            unreachable!("the order names each side once")
        };
        all.push([first, second, third]);
    }
    Ok(all)
}

/// The ratio of a figure in each pair of slices.
pub(crate) fn ratios<T>(pairs: &[(T, T)], figure: impl Fn(&T) -> f64) -> Vec<f64> {
    pairs
        .iter()
        .map(|(ours, theirs)| figure(ours) / figure(theirs))
        .collect()
}

/// The medians of a figure, ours and theirs.
pub(crate) fn medians<T>(pairs: &[(T, T)], figure: impl Fn(&T) -> f64) -> (f64, f64) {
    (
        median_of(pairs, |(ours, _)| figure(ours)),
        median_of(pairs, |(_, theirs)| figure(theirs)),
    )
}

/// The median of a figure of one side.
pub(crate) fn median_of<T>(slices: &[T], figure: impl Fn(&T) -> f64) -> f64 {
    median(slices.iter().map(figure).collect())
}

/// The figure in the middle.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    quantile(&figures, 0.5)
}

/// The figure below which this share of the sorted figures lies, between its neighbours where it
/// falls between two.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = share * f64::from(u32::try_from(last).unwrap_or(u32::MAX));
    let mut below = 0;
    while f64::from(u32::try_from(below + 1).unwrap_or(u32::MAX)) <= place && below < last {
        below += 1;
    }
    let rest = place - f64::from(u32::try_from(below).unwrap_or(u32::MAX));
    let above = sorted[(below + 1).min(last)];
    sorted[below] + (above - sorted[below]) * rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sides_take_turns_at_going_first() {
        let mut order = Vec::new();
        let length = Length {
            slices: 3,
            seconds: 1,
        };
        alternate(length, |side| {
            order.push(side);
            Ok(())
        })
        .unwrap();
        let first: Vec<Side> = order.iter().step_by(2).copied().collect();
        assert_eq!(first, [Side::Ours, Side::Theirs, Side::Ours]);
    }

    #[test]
    fn each_of_three_sides_is_measured_once_in_a_turn_and_goes_first_as_often() {
        let mut order = Vec::new();
        let length = Length {
            slices: 6,
            seconds: 1,
        };
        let turns = rotate(length, |side| {
            order.push(side);
            Ok(side)
        })
        .unwrap();
        assert_eq!(turns, [[0, 1, 2]; 6]);
        for side in 0..3 {
            let firsts = order.iter().step_by(3).filter(|first| **first == side);
            assert_eq!(firsts.count(), 2, "{order:?}");
        }
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        let figures = [1.0, 2.0, 4.0, 8.0];
        let at = |share| quantile(&figures, share);
        assert!((at(0.5) - 3.0).abs() < 1e-9);
        assert!((at(0.0) - 1.0).abs() < 1e-9 && (at(1.0) - 8.0).abs() < 1e-9);
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
    }
}
