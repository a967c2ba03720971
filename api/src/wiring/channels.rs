//! What people can be told, and how it reaches them.

use std::sync::Arc;

use niangjia_domain::{
    checkups, membership,
    notices::{InboxDelivery, Templates},
    outbox::Channel,
    settlements, stations, tasks, vouchers, wishes,
};

/// The templates of the engine for tasks, and of all contexts.
pub fn templates() -> Templates {
    Templates::of(&[
        tasks::news::ALL,
        membership::news::ALL,
        stations::news::ALL,
        wishes::news::ALL,
        vouchers::news::ALL,
        checkups::news::ALL,
        settlements::news::ALL,
    ])
}

/// Ways of delivery, the inbox first.
pub fn channels() -> Vec<Channel> {
    let inbox = InboxDelivery {
        templates: templates(),
    };
    vec![Channel::Inside(Arc::new(inbox))]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use niangjia_domain::{
        kernel::id,
        notices::{
            Parameters, Template,
            template::{BODY_CHARS, TITLE_CHARS},
        },
    };

    use super::*;

    fn lists() -> Vec<&'static Template> {
        [
            tasks::news::ALL,
            membership::news::ALL,
            stations::news::ALL,
            wishes::news::ALL,
            vouchers::news::ALL,
            checkups::news::ALL,
            settlements::news::ALL,
        ]
        .concat()
    }

    /// Names and days are short, what somebody typed may be long.
    fn parameters(template: &Template, long: Option<&str>) -> Parameters {
        let value = |name: &str| match long == Some(name) {
            true => "长".repeat(500),
            false => "短".repeat(30),
        };
        let given = |name: &str| (name.to_owned(), value(name));
        template.parameters().map(given).collect()
    }

    #[test]
    fn every_template_is_in_the_table_under_a_code_of_its_own() {
        let codes: BTreeSet<_> = lists().iter().map(|template| template.code).collect();
        assert_eq!(codes.len(), lists().len(), "a code stands for two things");
        assert_eq!(templates().iter().count(), codes.len());
        for template in lists() {
            assert_eq!(templates().get(template.code), Ok(template));
        }
    }

    #[test]
    fn every_template_is_short_enough_with_its_parameters_in_it() {
        for template in lists() {
            let title = template.title.chars().count();
            assert!((2..=TITLE_CHARS).contains(&title), "{}", template.code);
            let usual = template.body_with(&parameters(template, None));
            let longest: Vec<_> = template.parameters().collect();
            let stretched = longest
                .iter()
                .map(|name| template.body_with(&parameters(template, Some(name))));
            for body in stretched.chain([usual]) {
                let body = body.unwrap();
                let length = body.chars().count();
                assert!(
                    (5..=BODY_CHARS).contains(&length),
                    "{}: {body}",
                    template.code
                );
                assert!(!body.contains(['{', '}']), "{}: {body}", template.code);
            }
        }
    }

    #[test]
    fn what_a_template_points_to_is_a_kind_of_id() {
        let kinds = id::PREFIXES;
        for template in lists() {
            assert!(kinds.contains(&template.about), "{}", template.code);
        }
    }

    #[test]
    fn no_template_tells_a_secret() {
        for template in lists() {
            let told = |word: &str| template.parameters().any(|name| name.contains(word));
            assert!(!told("code") && !told("secret"), "{}", template.code);
        }
    }
}
