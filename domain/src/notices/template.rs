//! What people are told, as data: each context keeps a closed list of its templates, and whoever
//! puts the house together gathers them in one table. No template knows what a wish or a voucher
//! is.

use std::collections::BTreeMap;

/// Longest title, in characters.
pub const TITLE_CHARS: usize = 20;
/// Longest body, in characters.
pub const BODY_CHARS: usize = 200;

/// Named values of one message, as people read them. Nothing secret is among them: they stay in the
/// outbox and in the inbox.
pub type Parameters = BTreeMap<String, String>;

/// One thing that people can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// `wish_published`: the notice's topic. Never given to another meaning, since events that wait
    /// name it.
    pub code: &'static str,
    pub title: &'static str,
    /// What people read, with `{name}` where a parameter goes.
    pub body: &'static str,
    /// Kind of the id that it points to, as TypeIDs begin: `wish`.
    pub about: &'static str,
}

/// A message that cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    #[error("unknown template: {0}")]
    UnknownTemplate(String),
    #[error("template {template} lacks its parameter {parameter}")]
    MissingParameter {
        template: &'static str,
        parameter: &'static str,
    },
    #[error("template {template} points to nothing of kind {about}")]
    WrongSubject {
        template: &'static str,
        about: &'static str,
    },
}

impl Template {
    /// Names of the parameters, in the order of the text.
    pub fn parameters(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.body
            .split('{')
            .skip(1)
            .filter_map(|piece| Some(piece.split_once('}')?.0))
    }

    /// The body with its parameters put in, at most [`BODY_CHARS`] long: where it would be longer,
    /// the longest parameter is cut, so that what to do next still stands at the end.
    pub fn body_with(&self, given: &Parameters) -> Result<String, Unwritable> {
        let body = self.filled(given)?;
        let Some(excess) = length(&body).checked_sub(BODY_CHARS + 1) else {
            return Ok(body);
        };
        let mut shorter = given.clone();
        let longest = self
            .parameters()
            .filter_map(|name| Some((name, given.get(name)?)))
            .max_by_key(|(_, value)| length(value));
        if let Some((name, value)) = longest {
            let kept = length(value).saturating_sub(excess + 2);
            let cut = value.chars().take(kept).chain(['…']).collect();
            shorter.insert(name.to_owned(), cut);
        }
        self.filled(&shorter)
    }

    fn filled(&self, given: &Parameters) -> Result<String, Unwritable> {
        let mut pieces = self.body.split('{');
        let mut text = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (parameter, rest) = piece.split_once('}').unwrap_or((piece, ""));
            let value = given.get(parameter).ok_or(Unwritable::MissingParameter {
                template: self.code,
                parameter,
            })?;
            text.push_str(value);
            text.push_str(rest);
        }
        Ok(text)
    }

    /// Whether an id may stand behind a message of this template.
    pub fn check_subject(&self, subject: Option<&str>) -> Result<(), Unwritable> {
        let kind = subject.and_then(|id| id.rsplit_once('_'));
        if kind.is_some_and(|(kind, _)| kind == self.about) {
            Ok(())
        } else {
            Err(Unwritable::WrongSubject {
                template: self.code,
                about: self.about,
            })
        }
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// All templates of the house, by code.
#[derive(Debug, Clone, Default)]
pub struct Templates(BTreeMap<&'static str, &'static Template>);

impl Templates {
    /// The lists of all contexts as one table.
    pub fn of(lists: &[&'static [&'static Template]]) -> Self {
        Self(
            lists
                .iter()
                .flat_map(|list| list.iter())
                .map(|template| (template.code, *template))
                .collect(),
        )
    }

    pub fn get(&self, code: &str) -> Result<&'static Template, Unwritable> {
        self.0
            .get(code)
            .copied()
            .ok_or_else(|| Unwritable::UnknownTemplate(code.to_owned()))
    }

    /// In the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = &'static Template> {
        self.0.values().copied()
    }
}

/// Declares a context's templates, and `ALL` with every one of them.
macro_rules! templates {
    ($($name:ident $code:literal about $about:literal: $title:literal, $body:literal;)*) => {
        $(pub(crate) const $name: $crate::notices::Template = $crate::notices::Template {
            code: $code,
            title: $title,
            body: $body,
            about: $about,
        };)*

        /// Everything that this context can tell somebody.
        pub const ALL: &[&$crate::notices::Template] = &[$(&$name),*];
    };
}

pub(crate) use templates;

#[cfg(test)]
mod tests {
    use super::*;

    const RETURNED: Template = Template {
        code: "wish_returned",
        title: "心愿需要修改",
        body: "“{wish}”需要修改：{reason}。修改后可重新提交。",
        about: "wish",
    };

    fn given(values: &[(&str, &str)]) -> Parameters {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        values.iter().map(owned).collect()
    }

    #[test]
    fn parameters_go_where_their_names_stand() {
        assert_eq!(
            RETURNED.parameters().collect::<Vec<_>>(),
            ["wish", "reason"]
        );
        let body = RETURNED.body_with(&given(&[("wish", "保温{reason}杯"), ("reason", "太贵")]));
        assert_eq!(
            body.as_deref(),
            Ok("“保温{reason}杯”需要修改：太贵。修改后可重新提交。"),
            "what people typed is no pattern"
        );
    }

    #[test]
    fn a_missing_parameter_is_named() {
        let missing = RETURNED.body_with(&given(&[("wish", "保温杯")]));
        assert_eq!(
            missing.map_err(|error| error.to_string()),
            Err("template wish_returned lacks its parameter reason".to_owned())
        );
    }

    #[test]
    fn the_longest_parameter_is_cut_and_the_next_step_stays() {
        let reason = "长".repeat(500);
        let body = RETURNED
            .body_with(&given(&[("wish", "保温杯"), ("reason", &reason)]))
            .unwrap_or_default();
        assert_eq!(length(&body), BODY_CHARS);
        assert!(
            body.starts_with("“保温杯”需要修改：长") && body.ends_with("长…。修改后可重新提交。")
        );
    }

    #[test]
    fn a_subject_is_of_the_kind_that_the_template_names() {
        assert_eq!(RETURNED.check_subject(Some("wish_01h2x")), Ok(()));
        for wrong in [None, Some("wishrep_01h2x"), Some("wish"), Some("")] {
            assert!(RETURNED.check_subject(wrong).is_err(), "{wrong:?}");
        }
    }
}
