//! A desk where tasks are decided, over a context that only tests have: tea that is drunk or poured
//! away. It shows that the engine needs nothing but a kind and a door to decide through.

use std::sync::Arc;

use async_trait::async_trait;
use niangjia_domain::{
    kernel::{
        Actor, Clock, Foundation, Grant, Jurisdiction, Page, PageRequest,
        id::{TaskId, UnionId},
    },
    store::{Store, StoreError},
    tasks::{
        Closing, NewTask, Queue, Task, TaskDecider, TaskDecision, TaskError, TaskKind, TaskPlace,
        TaskService, close, open,
        ports::{DecisionOrder, Refusal, Shown, TaskFilter},
        unchanged,
    },
};
use niangjia_infra::{sql::SqlStore, system::SystemRandom};

use super::Town;
use crate::{
    places::{self, DISTRICT},
    servers::database::Kind,
};

pub const TEA: TaskKind = TaskKind {
    code: "tea_review",
    label: "茶叶品鉴",
    working_days: 5,
};
/// What every decision about tea has to name.
pub const REVISION: i64 = 3;

pub struct Desk {
    pub town: Town,
    pub tasks: TaskService,
}

impl Desk {
    pub async fn open(kind: Kind) -> Self {
        let town = Town::new(kind).await;
        let sql = "INSERT INTO task_kinds (code) VALUES ('tea_review')";
        town.execute(sql, []).await;
        let tasks = service(town.store.clone(), town.clock.clone());
        Self { town, tasks }
    }

    /// Another process on the same database.
    pub async fn another_process(&self) -> TaskService {
        let store = self.town.database.store().await;
        service(Arc::new(store), self.town.clock.clone())
    }

    /// A cadre who is on record.
    pub async fn cadre(&self, area: Jurisdiction) -> Actor {
        let grant = Grant::Cadre(area);
        self.town.appoint(self.town.donor().await, grant).await
    }

    pub async fn put(&self, tasks: Vec<NewTask>) {
        let mut tx = self.town.store.begin().await.unwrap();
        let now = self.town.clock.now();
        open::open(&mut *tx, &SystemRandom, tasks, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// The open task about a tea.
    pub async fn task(&self, subject: &str) -> Option<Task> {
        let mut tx = self.town.store.read().await.unwrap();
        tx.tasks().find_open(TEA.code, subject).await.unwrap()
    }

    pub async fn id(&self, subject: &str) -> TaskId {
        self.task(subject).await.expect("an open task").id
    }

    pub async fn queue(&self, who: &Actor, filter: &TaskFilter) -> Queue {
        let page = PageRequest {
            limit: 100,
            after: None,
        };
        self.tasks.queue(who, filter, page).await.unwrap()
    }

    /// Subjects that somebody sees, in order.
    pub async fn sees(&self, who: &Actor, filter: &TaskFilter) -> Vec<String> {
        subjects(&self.queue(who, filter).await.page)
    }
}

pub fn subjects(page: &Page<niangjia_domain::tasks::QueueItem>) -> Vec<String> {
    let items = page.items.iter();
    items.map(|item| item.task.subject.clone()).collect()
}

pub fn area(district: &str) -> Jurisdiction {
    Jurisdiction::District(places::district(district))
}

pub fn tea(subject: &str) -> NewTask {
    tea_in(subject, DISTRICT, None)
}

pub fn tea_in(subject: &str, district: &str, union_id: Option<UnionId>) -> NewTask {
    let place = TaskPlace {
        district: places::district(district),
        union_id,
        name: format!("{district}茶馆"),
    };
    NewTask::new(TEA, subject, place)
}

pub fn order(task_id: TaskId, decision: &str) -> DecisionOrder {
    DecisionOrder {
        task_id,
        decision: decision.to_owned(),
        revision: REVISION,
        reason: None,
    }
}

fn service(store: Arc<SqlStore>, clock: Arc<dyn Clock>) -> TaskService {
    let tea = TeaHouse {
        store: store.clone(),
        clock: clock.clone(),
    };
    TaskService {
        foundation: Foundation {
            store,
            clock,
            random: Arc::new(SystemRandom),
        },
        deciders: vec![Arc::new(tea)],
    }
}

struct TeaHouse {
    store: Arc<SqlStore>,
    clock: Arc<dyn Clock>,
}

impl TeaHouse {
    async fn taste(
        &self,
        actor: &Actor,
        subject: &str,
        order: &DecisionOrder,
    ) -> Result<Closing, TaskError> {
        unchanged(order.revision, REVISION)?;
        let mut tx = self.store.begin().await?;
        let ruling = TaskDecision {
            kind: TEA,
            subject: subject.to_owned(),
            word: &order.decision,
            approves: order.decision == "drink",
        };
        let now = self.clock.now();
        let closing = close::decide(&mut *tx, &SystemRandom, actor, &ruling, now).await?;
        tx.commit().await?;
        Ok(closing)
    }
}

#[async_trait]
impl TaskDecider for TeaHouse {
    fn kind(&self) -> TaskKind {
        TEA
    }

    async fn show(&self, subjects: &[String]) -> Result<Vec<Shown>, StoreError> {
        let line = |subject: &String| Shown {
            subject: subject.clone(),
            revision: REVISION,
            summary: format!("茶：{subject}"),
        };
        Ok(subjects.iter().map(line).collect())
    }

    async fn decide(
        &self,
        actor: &Actor,
        subject: &str,
        order: &DecisionOrder,
    ) -> Result<(), Refusal> {
        let code = match self.taste(actor, subject, order).await {
            Ok(_) => return Ok(()),
            Err(TaskError::ChangedMeanwhile) => "changed_meanwhile",
            Err(TaskError::SecondPersonNeeded) => "second_person_needed",
            Err(TaskError::Involved) => "involved",
            Err(other) => panic!("{other}"),
        };
        Err(Refusal {
            code,
            detail: "请刷新".to_owned(),
        })
    }
}
