//! The policy inside a PostObject form.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::answers::OssFault;

/// A policy whose shape is right: `expiration` and non-empty `conditions`, nothing else.
pub(super) struct Policy {
    conditions: Vec<Value>,
}

impl Policy {
    pub(super) fn parse(text: &[u8], now: DateTime<Utc>) -> Result<Self, OssFault> {
        let broken = |why: &str| {
            OssFault::new(
                400,
                "InvalidPolicyDocument",
                format!("Invalid Policy: {why}."),
            )
        };
        let document: Value =
            serde_json::from_slice(text).map_err(|_| broken("Invalid Simple-Json"))?;
        let members = document
            .as_object()
            .ok_or_else(|| broken("Not an object"))?;
        if members
            .keys()
            .any(|name| name != "expiration" && name != "conditions")
        {
            return Err(broken("Unexpected member"));
        }
        let conditions = members
            .get("conditions")
            .and_then(Value::as_array)
            .filter(|list| !list.is_empty());
        let conditions = conditions
            .ok_or_else(|| broken("Conditions must not be empty"))?
            .clone();
        let expiration = members
            .get("expiration")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let expiration =
            DateTime::parse_from_rfc3339(expiration).map_err(|_| broken("Invalid expiration"))?;
        if now > expiration {
            return Err(OssFault::denied(
                "Invalid according to Policy: Policy expired.",
            ));
        }
        Ok(Self { conditions })
    }

    /// Judges form fields; `field` finds one by its name in lower case.
    pub(super) fn check_fields<'a>(
        &self,
        field: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<(), OssFault> {
        for condition in &self.conditions {
            let holds = match condition {
                Value::Object(pair) if pair.len() == 1 => pair
                    .iter()
                    .all(|(name, value)| field(name) == value.as_str()),
                Value::Array(parts) => Self::operator_holds(parts, &field)?,
                _ => return Err(Self::bad_operator()),
            };
            if !holds {
                let message =
                    format!("Invalid according to Policy: Policy Condition failed: {condition}");
                return Err(OssFault::denied(message).with_ec("0006-00000227"));
            }
        }
        Ok(())
    }

    fn operator_holds<'a>(
        parts: &[Value],
        field: &impl Fn(&str) -> Option<&'a str>,
    ) -> Result<bool, OssFault> {
        let [operator, name, expected] = parts else {
            return Err(Self::bad_operator());
        };
        let name = name
            .as_str()
            .unwrap_or_default()
            .trim_start_matches('$')
            .to_ascii_lowercase();
        let value = field(&name);
        let listed = || {
            expected
                .as_array()
                .is_some_and(|list| list.iter().any(|one| one.as_str() == value))
        };
        match operator.as_str().unwrap_or_default() {
            "content-length-range" => Ok(true),
            "eq" => Ok(value.is_some() && value == expected.as_str()),
            "starts-with" => Ok(value
                .zip(expected.as_str())
                .is_some_and(|(value, start)| value.starts_with(start))),
            "in" => Ok(value.is_some() && listed()),
            "not-in" => Ok(!listed()),
            _ => Err(Self::bad_operator()),
        }
    }

    /// Judges the file's size.
    pub(super) fn check_size(&self, bytes: usize) -> Result<(), OssFault> {
        for condition in self.conditions.iter().filter_map(Value::as_array) {
            let [operator, min, max] = condition.as_slice() else {
                continue;
            };
            if operator != "content-length-range" {
                continue;
            }
            let (min, max) = (
                min.as_u64().unwrap_or_default(),
                max.as_u64().unwrap_or_default(),
            );
            if (bytes as u64) < min {
                let message = "Your proposed upload is smaller than the minimum allowed size";
                return Err(OssFault::new(400, "EntityTooSmall", message));
            }
            if (bytes as u64) > max {
                let message = "Your proposed upload exceeds the maximum allowed size";
                return Err(OssFault::new(400, "EntityTooLarge", message));
            }
        }
        Ok(())
    }

    fn bad_operator() -> OssFault {
        OssFault::new(
            400,
            "InvalidPolicyDocument",
            "Invalid Policy: Invalid condition.",
        )
    }
}
