//! A sheet's lines as a table: the columns of both exports, and the hash over them. `README.md`
//! says how anybody can recompute the hash from an export.

use sha2::{Digest, Sha256};

use crate::{
    kernel::values::{local_time::rfc3339, money::yuan},
    settlements::sheets::line::{Line, Subject},
};

/// One value; a spreadsheet shows numbers as numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    Whole(i64),
    /// Fen, shown as yuan with two decimals.
    Yuan(i64),
}

impl Cell {
    /// Text that no spreadsheet takes for a formula: a leading `=`, `+`, `-`, `@`, tab or carriage
    /// return (full-width forms included) gets an apostrophe before it.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        let risky = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
        if text.starts_with(risky) {
            Self::Text(format!("'{text}"))
        } else {
            Self::Text(text)
        }
    }

    /// The plain form, as CSV and the hash have it.
    pub fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Whole(number) => number.to_string(),
            Self::Yuan(fen) => yuan(*fen),
        }
    }
}

/// Headings of the lines. The last column repeats the amount in yuan, and the hash leaves it out.
pub const COLUMNS: [&str; 15] = [
    "行号",
    "类型",
    "编号",
    "餐券编号",
    "批次编号",
    "日期",
    "餐次",
    "时间",
    "经办账号",
    "补报",
    "餐价(分)",
    "工会支付(分)",
    "职工补差(分)",
    "说明",
    "工会支付(元)",
];

pub fn row(line: &Line) -> Vec<Cell> {
    let (kind, subject) = match line.subject {
        Subject::Redemption(id) => ("核销", id.to_string()),
        Subject::Adjustment(id) => ("调整", id.to_string()),
    };
    vec![
        Cell::Whole(line.no),
        Cell::text(kind),
        Cell::text(subject),
        Cell::text(line.voucher_id.map(|id| id.to_string()).unwrap_or_default()),
        Cell::text(line.batch_id.to_string()),
        Cell::text(line.day.to_string()),
        Cell::text(line.meal.as_str()),
        Cell::text(rfc3339(line.at)),
        Cell::text(line.account_id.to_string()),
        Cell::text(if line.is_late { "是" } else { "否" }),
        Cell::Whole(line.price_fen),
        Cell::Whole(line.amount_fen),
        Cell::Whole(line.copay_fen),
        Cell::text(line.note.as_str()),
        Cell::Yuan(line.amount_fen),
    ]
}

/// SHA-256 over the rows in order: all columns but the last in their plain form, a tab between two,
/// a line feed at the end. No cell can contain either.
#[derive(Default)]
pub struct LinesHash(Sha256);

impl LinesHash {
    pub fn add(&mut self, line: &Line) {
        let row = row(line);
        let hashed = row.iter().take(COLUMNS.len() - 1);
        let text = hashed.map(Cell::plain).collect::<Vec<_>>().join("\t");
        self.0.update(text.as_bytes());
        self.0.update(b"\n");
    }

    pub fn finish(self) -> String {
        hex::encode(self.0.finalize())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;
    use crate::{
        kernel::id::{AccountId, AdjustmentId, RedemptionId, VoucherBatchId, VoucherId},
        vouchers::testing::NOW,
    };

    fn line(subject: Subject, note: &str) -> Line {
        let uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
        Line {
            no: 1,
            subject,
            batch_id: VoucherBatchId::from_uuid(uuid),
            voucher_id: Some(VoucherId::from_uuid(uuid)),
            day: "2026-06-01".parse().unwrap(),
            meal: "午餐".to_owned(),
            at: NOW,
            account_id: AccountId::from_uuid(uuid),
            is_late: false,
            price_fen: 1_800,
            amount_fen: 1_500,
            copay_fen: 300,
            note: note.to_owned(),
        }
    }

    #[rstest]
    #[case("=1+1", "'=1+1")]
    #[case("+86", "'+86")]
    #[case("-2", "'-2")]
    #[case("@SUM(A1)", "'@SUM(A1)")]
    #[case("\t=1", "'\t=1")]
    #[case("＝1", "'＝1")]
    #[case("午餐 =1", "午餐 =1")]
    #[case("", "")]
    fn no_text_is_a_formula(#[case] typed: &str, #[case] cell: &str) {
        assert_eq!(Cell::text(typed).plain(), cell);
    }

    #[test]
    fn money_is_shown_in_yuan() {
        assert_eq!(Cell::Yuan(-1_205).plain(), "-12.05");
    }

    /// Made with Python: `hashlib.sha256("\t".join(cells).encode() + b"\n")`; see `README.md`.
    #[test]
    fn the_hash_is_the_documented_one() {
        let uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
        let mut hash = LinesHash::default();
        hash.add(&line(
            Subject::Redemption(RedemptionId::from_uuid(uuid)),
            "",
        ));
        let adjustment = Line {
            no: 2,
            amount_fen: -1_500,
            ..line(Subject::Adjustment(AdjustmentId::from_uuid(uuid)), "=重复")
        };
        hash.add(&adjustment);
        assert_eq!(
            hash.finish(),
            "d5d58d822f84a0989af69e07300892c46f7e2f43532f4b4283ca84c0f3e3a9f0"
        );
    }

    #[test]
    fn every_row_fills_every_column() {
        let subject = Subject::Redemption(RedemptionId::from_uuid(Uuid::from_u128(1)));
        assert_eq!(row(&line(subject, "")).len(), COLUMNS.len());
    }
}
