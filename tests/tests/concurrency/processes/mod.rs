//! Two real processes on one PostgreSQL: many phones at once, half of them at each. What the
//! database guards stays guarded across processes. Controls take a guard out of the database that
//! both processes share; further ones are beside each context's own races in this suite.

mod limits;
mod requests;

use futures_util::future::join_all;
use niangjia_tests::{
    client::{Client, Reply},
    demo_town::DemoTown,
    servers::{process::PASSWORD, two_processes::TwoProcesses},
};
use sea_orm::ConnectionTrait;
use serde_json::Value;

/// A town with two doors, and people who use them in turn.
struct Doors {
    processes: TwoProcesses,
    town: DemoTown,
}

impl Doors {
    async fn open() -> Self {
        let processes = TwoProcesses::start().await;
        let town = DemoTown::enter(&processes.one.base, PASSWORD)
            .await
            .unwrap();
        Self { processes, town }
    }

    /// Every second caller goes to the other process.
    fn spread(&self, callers: Vec<Client>) -> Vec<Client> {
        let bases = [&self.processes.one.base, &self.processes.two.base];
        callers
            .iter()
            .zip(bases.iter().cycle())
            .map(|(caller, base)| caller.at(base))
            .collect()
    }

    async fn sabotage(&self, sql: &str) {
        self.processes
            .database
            .store()
            .await
            .writer()
            .execute_unprepared(sql)
            .await
            .unwrap();
    }

    async fn newcomers(&self, count: usize) -> Vec<Client> {
        let people = join_all((0..count).map(|_| self.town.newcomer())).await;
        self.spread(people.into_iter().map(Result::unwrap).collect())
    }

    async fn members(&self, count: usize) -> Vec<Client> {
        let people = join_all((0..count).map(|_| self.town.member())).await;
        self.spread(people.into_iter().map(Result::unwrap).collect())
    }
}

async fn all_post(callers: &[Client], path: &str, body: Value) -> Vec<Reply> {
    join_all(
        callers
            .iter()
            .map(|caller| caller.post_once(path, body.clone())),
    )
    .await
}

fn count_winners(replies: &[Reply]) -> usize {
    replies.iter().filter(|reply| reply.status == 201).count()
}

/// Exactly `winners` got 201; everybody else was refused with `code`.
fn assert_winners(replies: &[Reply], winners: usize, code: &str) {
    let won = count_winners(replies);
    let refused = replies
        .iter()
        .filter(|reply| reply.status == 409 && reply.code() == code)
        .count();
    let told: Vec<_> = replies
        .iter()
        .map(|reply| format!("{} {}", reply.status, reply.code()))
        .collect();
    assert_eq!(
        (won, refused),
        (winners, replies.len() - winners),
        "{told:?}"
    );
}
