//! What a worker fills in: as it came, and checked. A matching roster row completes it, so that
//! nothing but the tap is needed; without one, three fields are.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    kernel::{
        DistrictCode, IdNumber, Invalid, Place,
        invalid::FieldCheck,
        values::{id_number::InvalidIdNumber, local_time, text},
    },
    membership::{
        consents::consent::ConsentPurpose, occupation::Occupation, platform::Platform,
        rosters::roster_row::RosterRow,
    },
};

/// Youngest age of a member (M6).
pub const MIN_AGE: i32 = 16;

/// The form as it came.
#[derive(Clone, Default)]
pub struct JoinForm {
    pub phone_code: String,
    pub name: Option<String>,
    pub id_number: Option<String>,
    pub occupation: Option<String>,
    pub platform: Option<String>,
    pub work_district: Option<String>,
    /// Longitude, latitude.
    pub location: Option<(f64, f64)>,
    /// Purpose, version.
    pub consents: Vec<(String, String)>,
    pub voluntary: bool,
}

/// The form with every given field checked; what a roster may supply is still optional.
#[derive(Clone)]
pub struct Application {
    pub name: Option<String>,
    pub id_number: Option<IdNumber>,
    pub occupation: Option<Occupation>,
    pub platform: Option<Platform>,
    pub work_district: Option<DistrictCode>,
    pub location: Option<Place>,
    pub consents: Vec<ConsentPurpose>,
}

/// Everything that membership needs to know of a person.
#[derive(Clone)]
pub struct Applicant {
    pub name: String,
    pub id_number: IdNumber,
    pub occupation: Occupation,
}

impl JoinForm {
    /// Reports every broken field at once.
    pub fn check(&self, now: DateTime<Utc>) -> Result<Application, Invalid> {
        let today = local_time::date_of(now);
        let mut check = FieldCheck::default();
        let consents = check.take(consents(&self.consents));
        let needed = consents
            .as_ref()
            .is_none_or(|given| given.contains(&ConsentPurpose::Membership));
        check.require(
            needed,
            "consents",
            "consent_missing",
            "请阅读并同意入会申请个人信息处理同意书",
        );
        check.require(
            self.voluntary,
            "voluntary",
            "voluntary_missing",
            "请确认“本人自愿加入工会”",
        );
        check.take(text::line("phoneCode", &self.phone_code, 1, 256));
        let application = Application {
            name: taken(&mut check, self.name.as_deref(), |text| {
                text::person_name("name", text)
            }),
            id_number: taken(&mut check, self.id_number.as_deref(), |text| {
                id_number("idNumber", text, today)
            }),
            occupation: taken(&mut check, self.occupation.as_deref(), |text| {
                Occupation::chosen("occupation", text)
            }),
            platform: taken(&mut check, self.platform.as_deref(), Platform::chosen),
            work_district: taken(&mut check, self.work_district.as_deref(), work_district),
            location: taken(&mut check, self.location, |(lng, lat)| Place::new(lng, lat)),
            consents: consents.unwrap_or_default(),
        };
        check.finish()?;
        Ok(application)
    }
}

impl Application {
    /// Whether the row may speak for this applicant: a phone that changed hands has another ID
    /// number (M7).
    pub fn agrees_with(&self, row: &RosterRow) -> bool {
        self.id_number
            .as_ref()
            .is_none_or(|given| *given == row.id_number)
    }

    /// Puts the roster's words first, and asks for what nobody supplied.
    pub fn completed_by(&self, row: Option<&RosterRow>) -> Result<Applicant, Invalid> {
        if let Some(row) = row {
            let RosterRow {
                name,
                id_number,
                occupation,
                ..
            } = row.clone();
            return Ok(Applicant {
                name,
                id_number,
                occupation,
            });
        }
        let mut check = FieldCheck::default();
        check.require(self.name.is_some(), "name", "name_missing", "请填写姓名");
        check.require(
            self.id_number.is_some(),
            "idNumber",
            "id_number_missing",
            "请填写身份证号",
        );
        check.require(
            self.occupation.is_some(),
            "occupation",
            "occupation_missing",
            "请选择职业",
        );
        match (self.name.clone(), self.id_number.clone(), self.occupation) {
            (Some(name), Some(id_number), Some(occupation)) => Ok(Applicant {
                name,
                id_number,
                occupation,
            }),
            _ => Err(check
                .finish()
                .err()
                .unwrap_or_else(|| Invalid::field("name", "name_missing", "请填写姓名"))),
        }
    }
}

/// An ID number of somebody old enough to join.
pub fn id_number(field: &str, text: &str, today: NaiveDate) -> Result<IdNumber, Invalid> {
    let number = IdNumber::parse(text).map_err(|error| {
        let (code, detail) = match error {
            InvalidIdNumber::Length => ("id_number_length", "身份证号应为 18 位，请核对后重新填写"),
            InvalidIdNumber::Characters => (
                "id_number_characters",
                "身份证号只能是数字，末位可以是 X，请核对后重新填写",
            ),
            InvalidIdNumber::BirthDate => (
                "id_number_birth_date",
                "身份证号中的出生日期不存在，请核对后重新填写",
            ),
            InvalidIdNumber::Checksum => {
                ("id_number_checksum", "身份证号有误，请逐位核对后重新填写")
            }
        };
        Invalid::field(field, code, detail)
    })?;
    match number.age_on(today) {
        age if age < 0 => Err(Invalid::field(
            field,
            "id_number_birth_date",
            "身份证号中的出生日期晚于今天，请核对",
        )),
        age if age < MIN_AGE => Err(Invalid::field(
            field,
            "too_young",
            "年满 16 周岁才能加入工会",
        )),
        _ => Ok(number),
    }
}

fn work_district(code: &str) -> Result<DistrictCode, Invalid> {
    DistrictCode::parse(code).map_err(|_| {
        Invalid::field(
            "workDistrict",
            "district_invalid",
            "请从列表中选择工作所在的县（市、区）",
        )
    })
}

fn consents(given: &[(String, String)]) -> Result<Vec<ConsentPurpose>, Invalid> {
    given
        .iter()
        .enumerate()
        .map(|(n, (purpose, version))| {
            ConsentPurpose::agreed(&format!("consents[{n}]."), purpose, version)
        })
        .collect()
}

fn taken<S, T>(
    check: &mut FieldCheck,
    given: Option<S>,
    parse: impl FnOnce(S) -> Result<T, Invalid>,
) -> Option<T> {
    given.and_then(|given| check.take(parse(given)))
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("occupation", &self.occupation)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-06-01T02:00:00Z".parse().unwrap()
    }

    fn form() -> JoinForm {
        JoinForm {
            phone_code: "code".to_owned(),
            name: Some("阿卜杜拉·买买提".to_owned()),
            id_number: Some("11010519491231002X".to_owned()),
            occupation: Some("courier".to_owned()),
            consents: vec![("membership".to_owned(), "1".to_owned())],
            voluntary: true,
            ..JoinForm::default()
        }
    }

    fn broken(form: &JoinForm) -> Vec<(String, &'static str)> {
        form.check(now()).err().map_or_else(Vec::new, |invalid| {
            invalid
                .errors
                .into_iter()
                .map(|error| (error.field, error.code))
                .collect()
        })
    }

    fn given(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[rstest]
    #[case::complete(form(), &[])]
    #[case::one_tap(JoinForm { name: None, id_number: None, occupation: None, ..form() }, &[])]
    #[case::no_consent(JoinForm { consents: vec![], ..form() }, &[("consents", "consent_missing")])]
    #[case::old_text(JoinForm { consents: vec![("membership".to_owned(), "0".to_owned())], ..form() },
        &[("consents[0].version", "consent_outdated")])]
    #[case::not_asked(JoinForm { voluntary: false, ..form() }, &[("voluntary", "voluntary_missing")])]
    #[case::digits_in_a_name(JoinForm { name: given("张3"), ..form() }, &[("name", "name_characters")])]
    #[case::checksum(JoinForm { id_number: given("110105194912310021"), ..form() }, &[("idNumber", "id_number_checksum")])]
    #[case::fifteen(JoinForm { id_number: given("110105491231002"), ..form() }, &[("idNumber", "id_number_length")])]
    #[case::unborn(JoinForm { id_number: given("37999920300101001X"), ..form() }, &[("idNumber", "id_number_birth_date")])]
    #[case::child(JoinForm { id_number: given("379999201006020015"), ..form() }, &[("idNumber", "too_young")])]
    #[case::off_the_globe(JoinForm { location: Some((200.0, 35.0)), ..form() }, &[("location", "place_off_the_globe")])]
    #[case::all_at_once(
        JoinForm { occupation: given("astronaut"), platform: given("mars"), work_district: given("37"), ..form() },
        &[("occupation", "occupation_unknown"), ("platform", "platform_unknown"), ("workDistrict", "district_invalid")]
    )]
    fn every_broken_field_is_named(
        #[case] form: JoinForm,
        #[case] expected: &[(&str, &'static str)],
    ) {
        let expected: Vec<_> = expected
            .iter()
            .map(|(field, code)| ((*field).to_owned(), *code))
            .collect();
        assert_eq!(broken(&form), expected);
    }

    #[test]
    fn without_a_roster_three_fields_are_asked_for() {
        let form = JoinForm {
            name: None,
            id_number: None,
            occupation: None,
            ..form()
        };
        let application = form.check(now()).unwrap();
        let errors = application.completed_by(None).err().unwrap().errors;
        assert_eq!(
            errors
                .iter()
                .map(|error| error.field.as_str())
                .collect::<Vec<_>>(),
            ["name", "idNumber", "occupation"]
        );
    }
}
