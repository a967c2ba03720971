//! Hash-chains audit lines seconds after their commit, so that no request waits for the chain; and
//! reads the chain back to show that nothing was changed, taken out or cut off.

use std::sync::Arc;

use super::{AuditLine, ChainHead};
use crate::{
    kernel::{Backlog, id::AuditEntryId},
    store::{Store, StoreError},
};

/// Lines read at a time when the whole chain is checked.
const CHUNK: u64 = 500;

/// Lengthens the chain and verifies it.
#[derive(Clone)]
pub struct AuditSealer {
    pub store: Arc<dyn Store>,
}

/// What a walk along the chain has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// Every line up to this head is as it was sealed.
    Intact(ChainHead),
    Broken(ChainFault),
}

/// Where the chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// The line's content, or a line before it, is not what was sealed.
    #[error("line {sequence} ({id}) was changed")]
    Changed { sequence: i64, id: AuditEntryId },
    /// Sealed lines end before the head: this one and what follows are gone.
    #[error("line {sequence} is missing")]
    Missing { sequence: i64 },
    /// The chain ends in, or passes through, another hash than the head that was stored or
    /// exported.
    #[error("the head at {sequence} is not the chain's")]
    OtherHead { sequence: i64 },
}

impl AuditSealer {
    /// Seals up to `limit` lines; tells how many. Of two sealers at once, one does the work and the
    /// other does none.
    pub async fn run_once(&self, limit: u64) -> Result<u64, StoreError> {
        if self
            .store
            .read()
            .await?
            .audit()
            .unsealed(1)
            .await?
            .is_empty()
        {
            return Ok(0);
        }
        let mut tx = self.store.begin().await?;
        let head = tx.audit().head().await?;
        let links = link(&head, &tx.audit().unsealed(limit).await?);
        if !tx.audit().seal(&head, &links).await? {
            return Ok(0);
        }
        tx.commit().await?;
        Ok(links.len() as u64)
    }

    /// What waits to be sealed.
    pub async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.store.read().await?.audit().backlog().await
    }

    /// Walks the chain from its first line to its head. With a head exported earlier the chain must
    /// also pass through that one: this is what shows a tail that was cut off together with the
    /// stored head.
    pub async fn verify(&self, exported: Option<&ChainHead>) -> Result<Verification, StoreError> {
        let mut tx = self.store.read().await?;
        let stored = tx.audit().head().await?;
        let mut milestones = vec![stored.clone()];
        milestones.extend(exported.cloned());
        let end = milestones
            .iter()
            .map(|head| head.sequence)
            .max()
            .unwrap_or_default();

        let mut walk = Walk {
            head: ChainHead::GENESIS,
            milestones,
        };
        while walk.head.sequence < end {
            let lines = tx.audit().sealed_after(walk.head.sequence, CHUNK).await?;
            if lines.is_empty() {
                return Ok(Verification::Broken(ChainFault::Missing {
                    sequence: walk.head.sequence + 1,
                }));
            }
            for (line, hash) in lines.iter().filter(|(line, _)| line.sequence <= Some(end)) {
                if let Err(fault) = walk.step(line, *hash) {
                    return Ok(Verification::Broken(fault));
                }
            }
        }
        Ok(walk
            .at_genesis()
            .map_or(Verification::Intact(stored), Verification::Broken))
    }
}

/// Heads after each of `lines`, in their order.
fn link(head: &ChainHead, lines: &[AuditLine]) -> Vec<(AuditEntryId, ChainHead)> {
    let mut head = head.clone();
    lines
        .iter()
        .map(|line| {
            head = head.after(line);
            (line.id, head.clone())
        })
        .collect()
}

/// How far the chain has been checked, and heads that it must pass through.
struct Walk {
    head: ChainHead,
    milestones: Vec<ChainHead>,
}

impl Walk {
    fn step(&mut self, line: &AuditLine, stored: [u8; 32]) -> Result<(), ChainFault> {
        let next = self.head.after(line);
        if line.sequence != Some(next.sequence) {
            return Err(ChainFault::Missing {
                sequence: next.sequence,
            });
        }
        if next.hash != stored {
            return Err(ChainFault::Changed {
                sequence: next.sequence,
                id: line.id,
            });
        }
        if self
            .milestones
            .iter()
            .any(|head| head.sequence == next.sequence && head.hash != next.hash)
        {
            return Err(ChainFault::OtherHead {
                sequence: next.sequence,
            });
        }
        self.head = next;
        Ok(())
    }

    /// A head that claims to stand before the first line must be the genesis itself.
    fn at_genesis(&self) -> Option<ChainFault> {
        let genesis = ChainHead::GENESIS;
        let other = self
            .milestones
            .iter()
            .find(|head| head.sequence <= 0 && **head != genesis)?;
        Some(ChainFault::OtherHead {
            sequence: other.sequence,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn line(number: u128) -> AuditLine {
        AuditLine {
            id: AuditEntryId::from_uuid(Uuid::from_u128(number)),
            at: chrono::DateTime::UNIX_EPOCH,
            account_id: None,
            role: None,
            action: "wish.published".to_owned(),
            subject: "wish_1".to_owned(),
            area: "370811".to_owned(),
            request_id: "r".to_owned(),
            detail: json!({"b": [1, {"y": 1, "x": 2}], "a": null}),
            sequence: None,
        }
    }

    #[test]
    fn every_link_depends_on_all_before_it() {
        let lines = [line(1), line(2), line(3)];
        let links = link(&ChainHead::GENESIS, &lines);
        let swapped = link(&ChainHead::GENESIS, &[line(2), line(1), line(3)]);
        assert_eq!(
            links
                .iter()
                .map(|(_, head)| head.sequence)
                .collect::<Vec<_>>(),
            [1, 2, 3]
        );
        assert_ne!(links[2].1.hash, swapped[2].1.hash);
    }

    #[test]
    fn a_walk_stops_at_a_gap_a_change_and_a_foreign_head() {
        let sealed = AuditLine {
            sequence: Some(1),
            ..line(1)
        };
        let hash = ChainHead::GENESIS.after(&sealed).hash;
        let walk = |milestones| Walk {
            head: ChainHead::GENESIS,
            milestones,
        };
        assert_eq!(walk(vec![]).step(&sealed, hash), Ok(()));
        let gap = AuditLine {
            sequence: Some(2),
            ..line(1)
        };
        assert_eq!(
            walk(vec![]).step(&gap, hash),
            Err(ChainFault::Missing { sequence: 1 })
        );
        let changed = AuditLine {
            detail: json!({}),
            ..sealed.clone()
        };
        assert_eq!(
            walk(vec![]).step(&changed, hash),
            Err(ChainFault::Changed {
                sequence: 1,
                id: sealed.id
            })
        );
        let foreign = vec![ChainHead {
            sequence: 1,
            hash: [1; 32],
        }];
        assert_eq!(
            walk(foreign).step(&sealed, hash),
            Err(ChainFault::OtherHead { sequence: 1 })
        );
    }
}
