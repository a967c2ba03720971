//! One chunk: its rows, the counters, the place and the report are written together or not at all.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    ImportError, ImportService, MAX_NAMED_ERRORS,
    import::{Import, RowError, Tally},
    receive::about,
    row::Row,
    target::{ImportTarget, RowAnswer, RowOutcome},
};
use crate::{
    kernel::Invalid,
    store::{StoreError, Tx},
};

/// A chunk's rows with what became of each.
struct Taken {
    tally: Tally,
    errors: Vec<RowError>,
}

impl ImportService {
    /// `false` when another process took these rows.
    pub(super) async fn take_chunk(
        &self,
        import: &Import,
        target: &dyn ImportTarget,
        rows: &[Row],
    ) -> Result<bool, ImportError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let answers = answers(&mut *tx, import, target, rows, now).await?;
        let taken = tallied(import.tally, rows, answers);
        if import.dry_run {
            drop(tx);
            tx = self.foundation.begin().await?;
        }
        self.record(tx, import.clone(), taken, rows).await
    }

    /// The database refuses the chunk: each row on its own, so that the broken one alone is
    /// refused.
    pub(super) async fn take_singly(
        &self,
        mut import: Import,
        target: &dyn ImportTarget,
        rows: &[Row],
    ) -> Result<bool, ImportError> {
        for row in rows {
            let row = std::slice::from_ref(row);
            let stands = match self.take_chunk(&import, target, row).await {
                Err(ImportError::Store(fault)) if is_ours(&fault) => {
                    let taken = tallied(import.tally, row, vec![Err(unwritable())]);
                    let tx = self.foundation.begin().await?;
                    self.record(tx, import.clone(), taken, row).await?
                }
                other => other?,
            };
            if !stands {
                return Ok(false);
            }
            import = self.find(import.id).await?;
        }
        Ok(true)
    }

    /// Counters, place, report and audit entry, in the transaction of the rows.
    async fn record(
        &self,
        mut tx: Box<dyn Tx>,
        import: Import,
        taken: Taken,
        rows: &[Row],
    ) -> Result<bool, ImportError> {
        let (id, before) = (import.id, import.tally);
        let Ok(import) = import.advance(taken.tally) else {
            return Ok(false);
        };
        if !tx.imports().save(&import, before.read).await? {
            return Ok(false);
        }
        let room = MAX_NAMED_ERRORS.saturating_sub(before.errors);
        let named = taken.errors.len().min(usize::try_from(room).unwrap_or(0));
        tx.imports()
            .add_errors(id, before.errors, &taken.errors[..named])
            .await?;
        if !import.dry_run {
            let lines = (rows.first(), rows.last());
            let detail = json!({
                "kind": import.kind,
                "fromLine": lines.0.map(|row| row.line),
                "toLine": lines.1.map(|row| row.line),
                "added": taken.tally.added - before.added,
                "updated": taken.tally.updated - before.updated,
            });
            let deed = about("import.rows_taken", &import).with(detail);
            tx.audit().append(self.signed(deed)).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

/// Sound rows go to the target, the others are answered here; in the order of the rows.
async fn answers(
    tx: &mut dyn Tx,
    import: &Import,
    target: &dyn ImportTarget,
    rows: &[Row],
    now: DateTime<Utc>,
) -> Result<Vec<RowAnswer>, StoreError> {
    let checks: Vec<Result<(), Invalid>> = rows.iter().map(Row::check).collect();
    let sound: Vec<Row> = rows
        .iter()
        .zip(&checks)
        .filter(|(_, check)| check.is_ok())
        .map(|(row, _)| row.clone())
        .collect();
    let mut taken = target
        .take(tx, &import.area, &sound, now)
        .await?
        .into_iter();
    let answer = |check: Result<(), Invalid>| match check {
        Ok(()) => taken.next().unwrap_or_else(|| Err(unwritable())),
        Err(invalid) => Err(invalid),
    };
    Ok(checks.into_iter().map(answer).collect())
}

fn tallied(before: Tally, rows: &[Row], answers: Vec<RowAnswer>) -> Taken {
    let (mut tally, mut errors) = (before, Vec::new());
    for (row, answer) in rows.iter().zip(answers) {
        tally.read += 1;
        match answer {
            Ok(RowOutcome::Added) => tally.added += 1,
            Ok(RowOutcome::Updated) => tally.updated += 1,
            Ok(RowOutcome::Unchanged) => tally.unchanged += 1,
            Err(invalid) => {
                tally.refused += 1;
                errors.extend(invalid.errors.into_iter().map(|error| RowError {
                    line: row.line,
                    column: error.field,
                    code: error.code.to_owned(),
                    detail: error.detail,
                }));
            }
        }
    }
    tally.errors += errors.len() as u64;
    Taken { tally, errors }
}

fn unwritable() -> Invalid {
    Invalid::field(
        "row",
        "row_unwritable",
        "这一行无法保存，请核对各列内容后重新导入；仍不行请联系系统管理员",
    )
}

/// Not the database being away, but a row that it does not take.
pub(super) const fn is_ours(fault: &StoreError) -> bool {
    match fault {
        StoreError::Conflict { .. } | StoreError::Corrupt { .. } | StoreError::Failed(_) => true,
        StoreError::Unavailable(_) | StoreError::Locked { .. } => false,
    }
}
