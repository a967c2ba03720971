//! An error in one line, down to what the driver said.

use std::error::Error;

/// The error and its causes, outermost first. A cause that an error above has in its own text
/// already is not said again.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let own = error.to_string();
        if !text.contains(&own) {
            text.push_str(": ");
            text.push_str(&own);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    #[test]
    fn every_cause_is_said_once() {
        let failed = |cause: &str| StoreError::Failed(cause.into());
        assert_eq!(
            chain(&failed("no such table: notices")),
            "statement failed: no such table: notices"
        );
        assert_eq!(chain(&failed("statement failed")), "statement failed");
    }
}
