//! Ruling on a suspension: the redemption is paid after all, or annulled for good.

use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::id::AccountId,
    store::StoreError,
    vouchers::collusion::{Suspension, SuspensionDecision, suspension::Ruling},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::sql::{
    db::{error::store_error, rows::corrupt, store::SqlTx},
    vouchers::{
        scans::entity::redemption,
        wallet::postings::{release_of_rejected, reversal},
    },
};

impl SqlTx {
    /// Takes effect only if nobody has decided meanwhile and no signal has joined.
    pub(crate) async fn rule(
        &self,
        decided: &Suspension,
        ruling: &Ruling,
    ) -> Result<bool, StoreError> {
        let Ruling {
            decision,
            by,
            at,
            reason,
        } = ruling;
        let id = decided.redemption.id.uuid();
        let sql = "UPDATE redemption_suspensions SET decision = $2, decided_at = $3, decided_by = $4, reason = $5 \
                   WHERE redemption_id = $1 AND decision IS NULL AND $6 = \
                   (SELECT COUNT(*) FROM suspension_signals g WHERE g.redemption_id = $1)";
        let values = [
            id.into(),
            decision.code().into(),
            (*at).into(),
            by.uuid().into(),
            reason.as_str().into(),
            decided.signals.into(),
        ];
        if self.run(sql, values).await? == 0 {
            return Ok(false);
        }
        match decision {
            SuspensionDecision::Lift => {
                let sql =
                    "UPDATE redemptions SET suspended = FALSE WHERE id = $1 AND state = 'accepted'";
                Ok(self.run(sql, [id.into()]).await? > 0)
            }
            SuspensionDecision::Reject => self.reject(decided, *by, *at).await,
        }
    }

    /// Annuls the redemption for good: the voucher does not come back, its money does.
    async fn reject(
        &self,
        suspension: &Suspension,
        by: AccountId,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        use redemption::{Column, Entity};
        let update = Entity::update_many()
            .col_expr(Column::State, Expr::value("annulled"))
            .col_expr(Column::AnnulledAt, Expr::value(at))
            .col_expr(Column::AnnulledBy, Expr::value(by.uuid()))
            .col_expr(Column::AnnulmentReason, Expr::value("collusion"))
            .filter(Column::Id.eq(suspension.redemption.id.uuid()))
            .filter(Column::State.eq("accepted"));
        let rows = update
            .exec_with_returning(&self.db())
            .await
            .map_err(store_error)?;
        let Some(row) = rows.into_iter().next() else {
            return Ok(false);
        };
        let sql = "UPDATE vouchers SET state = 'deactivated' WHERE id = $1 AND state = 'redeemed'";
        if self.run(sql, [row.voucher_id.into()]).await? == 0 {
            return Err(corrupt("vouchers", row.voucher_id));
        }
        self.free_meals([row.id]).await?;
        self.post_all(&[reversal(&row, at)?, release_of_rejected(&row, at)?])
            .await?;
        Ok(true)
    }
}
