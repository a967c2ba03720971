//! Lists for questions that are asked once for many things.

/// Each once, in order.
pub fn distinct<T: Ord>(of: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = of.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    all
}
