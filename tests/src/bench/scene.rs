//! PostgreSQL, two API processes, the reference beside them, and twenty thousand people.

use tokio::sync::{Mutex, MutexGuard};

use crate::{
    bench::{
        installation::{people::Somebody, stage::Stage},
        reference::Reference,
        tell,
        workloads::storm,
    },
    servers::database::Kind,
};

pub(super) struct Scene {
    pub(super) stage: Stage,
    pub(super) crowd: Vec<Somebody>,
    reference: Mutex<Reference>,
}

impl Scene {
    pub(super) async fn set() -> Self {
        let stage = Stage::set(Kind::Postgres).await;
        let reference = Reference::make(stage.server.as_ref().expect("PostgreSQL")).await;
        let crowd = stage.registry().members(storm::PEOPLE).await;
        tell("the stage is set: PostgreSQL, two processes, 20,000 members");
        Self {
            stage,
            crowd,
            reference: Mutex::new(reference),
        }
    }

    /// One measurement at a time.
    pub(super) async fn reference(&self) -> MutexGuard<'_, Reference> {
        self.reference.lock().await
    }
}
