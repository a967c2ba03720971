//! Rosters, as a kind of import (M11): which columns they have, and what one row says. A row is known by
//! union, phone and ID number; importing it again makes it fresh and mends name and occupation, as
//! long as it has admitted nobody.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::roster_row::RosterRow;
use crate::{
    imports::{ImportColumn, ImportKind, ImportTarget, Row, RowAnswer},
    kernel::{
        AccessError, Actor, DistrictCode, Invalid, Jurisdiction, Phone, Random,
        id::RosterRowId,
        invalid::FieldCheck,
        values::{local_time, text},
    },
    membership::{applications::application, occupation::Occupation, unions::union::Union},
    store::{StoreError, Tx},
};

/// Expected members, as a union or a platform company lists them.
pub const ROSTER: ImportKind = ImportKind {
    code: "roster",
    name: "花名册",
    columns: &[
        ImportColumn {
            key: "phone",
            heading: "手机号",
            aliases: &[
                "手机号码",
                "手机",
                "联系电话",
                "联系方式",
                "电话",
                "移动电话",
            ],
            required: true,
            example: "13900000000",
            note: "本人使用的 11 位内地手机号；入会时凭此号码一键确认",
        },
        ImportColumn {
            key: "name",
            heading: "姓名",
            aliases: &["职工姓名", "会员姓名", "名字"],
            required: true,
            example: "张示例",
            note: "与身份证一致",
        },
        ImportColumn {
            key: "idNumber",
            heading: "身份证号",
            aliases: &["身份证号码", "身份证", "公民身份号码", "证件号码"],
            required: true,
            example: "11010519491231002X",
            note: "18 位；请把整列设为“文本”格式，否则表格会丢失后几位",
        },
        ImportColumn {
            key: "occupation",
            heading: "职业",
            aliases: &["职业类别", "工种", "岗位"],
            required: true,
            example: "外卖配送员",
            note: "货车司机、快递员、外卖配送员、护工护理员、家政服务员、商场信息员、房产中介员、保安员、网约车司机、网络主播、其他",
        },
        ImportColumn {
            key: "union",
            heading: "所属工会",
            aliases: &["工会", "工会名称", "工会全称", "所属工会全称"],
            required: false,
            example: "示例工会",
            note: "工会全称，须在您的管辖范围内；由工会自己导入时可以不填",
        },
    ],
};

/// Takes roster rows.
pub struct RosterTarget {
    pub random: Arc<dyn Random>,
}

#[async_trait]
impl ImportTarget for RosterTarget {
    fn kind(&self) -> &'static ImportKind {
        &ROSTER
    }

    fn area(&self, actor: &Actor) -> Result<Jurisdiction, AccessError> {
        actor.require_cadre()
    }

    async fn district_of(
        &self,
        tx: &mut dyn Tx,
        area: &Jurisdiction,
    ) -> Result<Option<DistrictCode>, StoreError> {
        Ok(match area {
            Jurisdiction::Everywhere => None,
            Jurisdiction::District(district) => Some(*district),
            Jurisdiction::Union(id) => tx.unions().find(*id).await?.map(|union| union.district),
        })
    }

    async fn take(
        &self,
        tx: &mut dyn Tx,
        area: &Jurisdiction,
        rows: &[Row],
        now: DateTime<Utc>,
    ) -> Result<Vec<RowAnswer>, StoreError> {
        let unions = unions_named(tx, area, rows).await?;
        let read: Vec<Result<RosterRow, Invalid>> = rows
            .iter()
            .map(|row| self.read(row, unions.get(row.text("union")), now))
            .collect();
        let sound: Vec<RosterRow> = read.iter().flatten().cloned().collect();
        let mut outcomes = tx.rosters().enlist(&sound, now).await?.into_iter();
        Ok(read
            .into_iter()
            .map(|row| {
                row.and_then(|_| {
                    outcomes
                        .next()
                        .ok_or_else(|| Invalid::field("row", "row_incomplete", "该行内容不完整"))
                })
            })
            .collect())
    }
}

impl RosterTarget {
    fn read(
        &self,
        row: &Row,
        union: Option<&Union>,
        now: DateTime<Utc>,
    ) -> Result<RosterRow, Invalid> {
        let mut check = FieldCheck::default();
        let today = local_time::date_of(now);
        let phone = check.take(phone(row.text("phone")));
        let name = check.take(text::person_name("name", &name_of(row.text("name"))));
        let id_number = check.take(application::id_number(
            "idNumber",
            row.text("idNumber"),
            today,
        ));
        let occupation = check.take(occupation(row.text("occupation")));
        let union = check.take(union.ok_or_else(|| union_unknown(row.text("union"))));
        check.finish()?;
        match (phone, name, id_number, occupation, union) {
            (Some(phone), Some(name), Some(id_number), Some(occupation), Some(union)) => {
                Ok(RosterRow {
                    id: RosterRowId::generate(now, &*self.random),
                    union_id: union.id,
                    phone,
                    name,
                    id_number,
                    occupation,
                })
            }
            _ => Err(Invalid::field("row", "row_incomplete", "该行内容不完整")),
        }
    }
}

/// The unions that rows name, by name; those outside the area are left out. Under the empty name
/// stands the importing union itself.
async fn unions_named(
    tx: &mut dyn Tx,
    area: &Jurisdiction,
    rows: &[Row],
) -> Result<HashMap<String, Union>, StoreError> {
    let mut known: HashMap<String, Option<Union>> = HashMap::new();
    for name in rows.iter().map(|row| row.text("union")) {
        if known.contains_key(name) {
            continue;
        }
        let found = match area {
            Jurisdiction::Union(own) if name.is_empty() => tx.unions().find(*own).await?,
            _ => match tx.unions().find_by_name(name).await? {
                Some(union) => tx.unions().find_within(union.id, area).await?,
                None => None,
            },
        };
        known.insert(name.to_owned(), found);
    }
    let found = known.into_iter();
    Ok(found
        .filter_map(|(name, union)| union.map(|union| (name, union)))
        .collect())
}

fn phone(text: &str) -> Result<Phone, Invalid> {
    Phone::parse(text).map_err(|_| {
        Invalid::field(
            "phone",
            "phone_invalid",
            "应为 11 位内地手机号，请核对后重新填写",
        )
    })
}

/// By label or code.
fn occupation(text: &str) -> Result<Occupation, Invalid> {
    let by_label = Occupation::ALL.iter().find(|one| one.label() == text);
    match by_label {
        Some(one) => Ok(*one),
        None => application::occupation("occupation", text),
    }
}

/// Names are spread out with blanks to fill a column: between two ideographs they mean nothing,
/// elsewhere one is enough.
fn name_of(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for part in text.split_whitespace() {
        let apart = match (name.chars().next_back(), part.chars().next()) {
            (Some(before), Some(after)) => !(is_ideograph(before) && is_ideograph(after)),
            _ => false,
        };
        if apart {
            name.push(' ');
        }
        name.push_str(part);
    }
    name
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn union_unknown(name: &str) -> Invalid {
    if name.is_empty() {
        return Invalid::field("union", "cell_empty", "请填写所属工会的全称");
    }
    Invalid::field(
        "union",
        "union_unknown",
        "没有这个工会，或不在您的管辖范围内，请填写工会全称",
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("张　伟", "张伟")]
    #[case(" 张 三  丰 ", "张三丰")]
    #[case("阿依古丽·买买提", "阿依古丽·买买提")]
    #[case("Anna  Maria\u{a0}Li", "Anna Maria Li")]
    #[case("王 Anna", "王 Anna")]
    #[case("𠮷　野", "𠮷野")]
    fn names_that_were_spread_out_are_put_together(#[case] cell: &str, #[case] name: &str) {
        assert_eq!(name_of(cell), name);
    }

    #[test]
    fn an_occupation_has_a_label_and_a_code() {
        assert_eq!(occupation("快递员"), Ok(Occupation::Courier));
        assert_eq!(occupation("courier"), Ok(Occupation::Courier));
        assert_eq!(
            occupation("宇航员").unwrap_err().errors[0].code,
            "occupation_unknown"
        );
    }

    #[test]
    fn the_note_names_every_occupation() {
        let note = ROSTER.columns[ROSTER.column("occupation").unwrap()].note;
        let labels: Vec<_> = Occupation::ALL.iter().map(|one| one.label()).collect();
        assert_eq!(note, labels.join("、"));
    }
}
