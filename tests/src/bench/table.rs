//! The table: ours, reference, ratio, bar.

use std::fmt;

/// One bar and how it was met.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) ours: f64,
    pub(super) reference: f64,
    pub(super) bar: Bar,
    pub(super) unit: &'static str,
    /// What else was seen.
    pub(super) note: String,
}

/// What the ratio is held against.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bar {
    AtLeast(f64),
    AtMost(f64),
}

impl Row {
    fn ratio(&self) -> f64 {
        self.ours / self.reference
    }

    pub(super) fn holds(&self) -> bool {
        match self.bar {
            Bar::AtLeast(bar) => self.ratio() >= bar,
            Bar::AtMost(bar) => self.ratio() <= bar,
        }
    }
}

/// As Markdown, so that it can be pasted.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ours, reference, ratio) = (self.ours, self.reference, self.ratio());
        let bar = match self.bar {
            Bar::AtLeast(bar) => format!("≥ {bar} ×"),
            Bar::AtMost(bar) => format!("≤ {bar} ×"),
        };
        let verdict = if self.holds() {
            ""
        } else {
            " **under the bar**"
        };
        let (name, unit, note) = (self.name, self.unit, &self.note);
        write!(
            f,
            "| {name} | {ours:.1} {unit} | {reference:.1} {unit} | {ratio:.2} × | {bar}{verdict} | {note} |"
        )
    }
}

pub(super) const HEAD: &str = "| workload | ours | reference | ratio | bar | beside it |\n| --- | --- | --- | --- | --- | --- |";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_held_against_its_bar() {
        let row = |bar| Row {
            name: "S1",
            ours: 6.0,
            reference: 2.0,
            bar,
            unit: "/s",
            note: String::new(),
        };
        assert!(row(Bar::AtLeast(3.0)).holds() && row(Bar::AtMost(3.0)).holds());
        assert!(!row(Bar::AtLeast(3.1)).holds() && !row(Bar::AtMost(2.9)).holds());
        assert!(
            row(Bar::AtLeast(12.0))
                .to_string()
                .contains("3.00 × | ≥ 12 × **under the bar**")
        );
    }
}
