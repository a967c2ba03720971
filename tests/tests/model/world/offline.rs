//! The tablets: what they have served, and the real use cases that take it.

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    kernel::{
        Clock, Fen,
        id::{DisputedScanId, StationId},
    },
    vouchers::{
        codes::code::CodeStep,
        offline::{
            ItemOutcome, OfflinePolicy, OfflineService, Resolution, Upload as Sent, UploadedScan,
            disputes::dispute::DisputeState, policy::Caps,
        },
    },
};
use niangjia_tests::{actors::once, town::Town};

use super::{World, agree};
use crate::{
    reference::CAPS,
    said::{Fate, Said},
    steps::{Scanner, TABLETS, Upload, Word},
};

pub struct Tablets {
    /// The second one with pools of its own.
    processes: [OfflineService; 2],
    station: StationId,
    served: [Vec<UploadedScan>; TABLETS],
    disputes: Vec<DisputedScanId>,
}

fn name(tablet: usize) -> String {
    format!("tablet-{tablet}")
}

impl Tablets {
    pub async fn of(town: &Town) -> Self {
        let store = town.database.store().await;
        let mut processes = [
            town.services.offline.clone(),
            town.process_on(store).offline,
        ];
        let caps = Caps {
            scans: CAPS.0 as u32,
            amount: Fen::new(CAPS.1).unwrap(),
        };
        for process in &mut processes {
            process.policy = OfflinePolicy {
                caps,
                ..process.policy
            };
        }
        let station = town.station.id;
        for tablet in 0..TABLETS {
            processes[0]
                .enrol(&town.staff, station, &name(tablet))
                .await
                .unwrap();
        }
        Self {
            processes,
            station,
            served: Default::default(),
            disputes: Vec::new(),
        }
    }
}

impl World {
    pub(super) async fn pack(&self) -> Said {
        let Tablets {
            processes, station, ..
        } = &self.tablets;
        for (tablet, staff) in self.staff.iter().enumerate() {
            processes[0]
                .scan_pack(staff, *station, &name(tablet), None)
                .await
                .unwrap();
        }
        Said::Nothing
    }

    pub(super) fn serve(&mut self, voucher: usize, scanner: Scanner) -> Said {
        let Some(held) = self.vouchers.get(voucher % self.vouchers.len().max(1)) else {
            return Said::Nothing;
        };
        let now = self.town.clock.now();
        let code =
            CodeStep::at(held.id, held.phone.device_no, now).offline_payload(&held.phone.secret);
        let served = &mut self.tablets.served[scanner.at];
        let (scan_id, scanned_at) = (
            format!("meal-{:04}", served.len()),
            now + TimeDelta::seconds(scanner.skew_seconds),
        );
        served.push(UploadedScan {
            scan_id,
            code,
            scanned_at,
            price_fen: scanner.price_fen,
        });
        Said::Nothing
    }

    pub(super) async fn upload(&mut self, upload: Upload) -> Said {
        let served = &self.tablets.served[upload.tablet];
        let scans: Vec<_> = upload
            .picks(served.len())
            .into_iter()
            .map(|n| served[n].clone())
            .collect();
        if scans.is_empty() {
            return Said::Nothing;
        }
        let outcomes = self
            .send(upload.first % 2, upload.tablet, scans, None)
            .await;
        for outcome in &outcomes {
            self.remember(outcome);
        }
        Said::Uploaded(outcomes.iter().map(Fate::from).collect())
    }

    pub(super) async fn report(&self) -> Said {
        for tablet in 0..TABLETS {
            self.send(tablet, tablet, Vec::new(), Some(self.now()))
                .await;
        }
        Said::Nothing
    }

    /// Each time under a key of its own: the scan ids decide.
    async fn send(
        &self,
        process: usize,
        tablet: usize,
        scans: Vec<UploadedScan>,
        synced_through: Option<DateTime<Utc>>,
    ) -> Vec<ItemOutcome> {
        let (staff, station_id, device_id) =
            (&self.staff[tablet], self.tablets.station, name(tablet));
        let upload = Sent {
            station_id,
            device_id,
            synced_through,
            scans,
        };
        let report = self.tablets.processes[process]
            .upload(staff, &once(staff), upload)
            .await
            .unwrap();
        report
            .value
            .scans
            .into_iter()
            .map(|answer| answer.outcome)
            .collect()
    }

    /// What is said for the first time: a redemption, or a dispute.
    fn remember(&mut self, outcome: &ItemOutcome) {
        match outcome {
            ItemOutcome::Accepted { redemption_id, .. }
                if !self.redemptions.contains(redemption_id) =>
            {
                self.redemptions.push(*redemption_id);
            }
            ItemOutcome::Disputed { id, .. } if !self.tablets.disputes.contains(id) => {
                self.tablets.disputes.push(*id)
            }
            _ => {}
        }
    }

    pub(super) async fn resolve(&mut self, dispute: usize, how: Word) -> Said {
        let disputes = &self.tablets.disputes;
        let Some(id) = disputes.get(dispute % disputes.len().max(1)).copied() else {
            return Said::Nothing;
        };
        let how = match how {
            Word::Honour => Resolution::Honour,
            Word::Reject => Resolution::Reject,
            Word::Retry => Resolution::Retry,
        };
        let shown = self.tablets.processes[0]
            .under_review(&[id.to_string()])
            .await;
        let revision = shown.unwrap()[0].revision;
        match self.tablets.processes[0]
            .resolve(&self.town.checker, id, how, "与驿站核实", revision)
            .await
        {
            Err(error) => Said::of_resolution(error),
            Ok(resolved) => match resolved.state {
                DisputeState::Honoured(_) => Said::Honoured,
                DisputeState::Rejected(_) => Said::Borne,
                DisputeState::Redeemed(_, redemption) => {
                    self.redemptions.push(redemption);
                    Said::RedeemedAfterAll
                }
                DisputeState::Open => panic!("nobody expected it to stay open"),
            },
        }
    }

    /// Places taken, fen taken, and disputes that wait.
    pub(super) async fn check_offline(
        &self,
        (meals, fen, open): (i64, i64, i64),
    ) -> Result<(), String> {
        let town = &self.town;
        let sum = "SELECT CAST(COALESCE(SUM(scans), 0) AS BIGINT) FROM offline_days";
        agree("offline meals", town.count(sum).await, meals)?;
        let sum = "SELECT CAST(COALESCE(SUM(fen), 0) AS BIGINT) FROM offline_days";
        agree("offline fen", town.count(sum).await, fen)?;
        let disputes = "SELECT COUNT(*) FROM disputed_scans WHERE status = 'open'";
        agree("open disputes", town.count(disputes).await, open)
    }
}
