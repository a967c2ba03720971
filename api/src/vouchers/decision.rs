//! What a checker says about the work of a maker: a batch before it runs, a settlement before it is
//! paid.

use niangjia_domain::{kernel::Invalid, vouchers::DecisionInput};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckerDecisionDto {
    /// `approve`, `return` or `reject`.
    #[schema(example = "approve")]
    decision: String,
    /// Needed for `return` and `reject`.
    reason: Option<String>,
}

impl TryFrom<CheckerDecisionDto> for DecisionInput {
    type Error = Invalid;

    fn try_from(dto: CheckerDecisionDto) -> Result<Self, Invalid> {
        match dto.decision.as_str() {
            "approve" => Ok(Self::Approve),
            "return" => Ok(Self::Return { reason: dto.reason }),
            "reject" => Ok(Self::Reject { reason: dto.reason }),
            _ => Err(Invalid::field(
                "decision",
                "decision_unknown",
                "请选择通过、退回或驳回",
            )),
        }
    }
}
