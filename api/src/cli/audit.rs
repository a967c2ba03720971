//! `niangjia audit verify`

use std::{process::ExitCode, str::FromStr, sync::Arc};

use clap::Subcommand;
use niangjia_domain::audit::{AuditSealer, ChainHead, Verification};

use super::{Failure, terminal::say};
use crate::{config::Config, wiring};

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Walk the chain from its first line to its head; exit code 1 where it does not hold
    Verify {
        /// A head exported earlier, which the chain must pass through: this shows a tail that was
        /// cut off
        #[arg(long, value_name = "SEQUENCE:HASH")]
        head: Option<Exported>,
    },
}

pub(super) async fn run(
    Audit::Verify { head }: Audit,
    config: &Config,
) -> Result<ExitCode, Failure> {
    let sealer = AuditSealer {
        store: Arc::new(wiring::open_store(config).await?),
    };
    match sealer
        .verify(head.map(|exported| exported.0).as_ref())
        .await?
    {
        Verification::Intact(head) => {
            say(format_args!(
                "intact up to {}:{}",
                head.sequence,
                hex::encode(head.hash)
            ))?;
            Ok(ExitCode::SUCCESS)
        }
        Verification::Broken(fault) => {
            say(format_args!("BROKEN: {fault}"))?;
            Ok(ExitCode::FAILURE)
        }
    }
}

/// A head as `verify` prints it.
#[derive(Debug, Clone)]
pub(super) struct Exported(ChainHead);

impl FromStr for Exported {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "write the sequence, a colon and 64 hexadecimal digits";
        let (sequence, hash) = text.split_once(':').ok_or(SHAPE)?;
        let sequence = sequence.parse().map_err(|_| SHAPE)?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(hash, &mut bytes).map_err(|_| SHAPE)?;
        Ok(Self(ChainHead {
            sequence,
            hash: bytes,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_is_printed() {
        let text = format!("7:{}", "0a".repeat(32));
        assert_eq!(
            text.parse::<Exported>().unwrap().0,
            ChainHead {
                sequence: 7,
                hash: [10; 32]
            }
        );
        assert!("7:0a".parse::<Exported>().is_err());
        assert!("0a".parse::<Exported>().is_err());
    }
}
