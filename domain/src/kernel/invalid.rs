//! Well-formed input that breaks a rule: which field, a stable code, and what to change (Chinese,
//! shown to people).

use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// JSON path of the field, camelCase: `idNumber`, `slots[2].start`.
    pub field: String,
    /// Stable snake_case code.
    pub code: &'static str,
    /// What to change. Never repeats what was sent.
    pub detail: String,
}

/// One or more fields to mend; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid: {}", named(.errors))]
pub struct Invalid {
    pub errors: Vec<FieldError>,
}

/// Fields and codes, never values: this goes into logs and onto terminals.
fn named(errors: &[FieldError]) -> String {
    errors
        .iter()
        .map(|error| format!("{} ({})", error.field, error.code))
        .collect::<Vec<_>>()
        .join(", ")
}

impl Invalid {
    pub fn field(field: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            errors: vec![FieldError {
                field: field.into(),
                code,
                detail: detail.into(),
            }],
        }
    }
}

/// Collects every broken field, so that a form is mended in one go.
#[derive(Debug, Default)]
pub struct FieldCheck {
    errors: Vec<FieldError>,
}

impl FieldCheck {
    /// Keeps the value, or notes why not.
    pub fn take<T>(&mut self, result: Result<T, Invalid>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(invalid) => {
                self.errors.extend(invalid.errors);
                None
            }
        }
    }

    pub fn require(&mut self, holds: bool, field: &str, code: &'static str, detail: &str) {
        if !holds {
            self.errors.push(FieldError {
                field: field.to_owned(),
                code,
                detail: detail.to_owned(),
            });
        }
    }

    /// `Err` when anything was noted.
    pub fn finish(self) -> Result<(), Invalid> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Invalid {
                errors: self.errors,
            })
        }
    }
}
