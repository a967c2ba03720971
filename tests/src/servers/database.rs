//! Fresh, migrated databases of both kinds: every repository passes the same suite on each.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use niangjia_infra::{
    crypto::{
        FieldCipher,
        field_cipher::{Key, KeyRing},
    },
    sql::{DatabaseSettings, Patience, SqlStore, connect},
    system::SystemRandom,
};
use niangjia_migrations::Migrator;
use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;

use crate::servers::{postgres::Postgres, throwaway::fresh_folder};

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// A database of one test.
#[derive(Debug)]
pub struct TestDatabase {
    pub url: String,
    folder: Option<PathBuf>,
}

impl TestDatabase {
    /// Empty but migrated.
    pub async fn new(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => Self::sqlite().await,
            Kind::Postgres => Self::postgres().await,
        }
    }

    /// On a server of the test's own.
    pub async fn on(server: &Postgres) -> Self {
        let database = Self {
            url: server.url("postgres"),
            folder: None,
        };
        Migrator::up(database.store().await.writer(), None)
            .await
            .expect("migrations run");
        database
    }

    /// Opens a store with pools of its own; two of them behave like two processes.
    pub async fn store(&self) -> SqlStore {
        self.store_with(Patience::default()).await
    }

    /// The same, with more patience or less.
    pub async fn store_with(&self, patience: Patience) -> SqlStore {
        // A quarter of them write; twenty, because controls hold many transactions open at once.
        let settings = DatabaseSettings {
            url: self.url.clone(),
            max_connections: 80,
            patience,
        };
        let (write, read) = connect(&settings).await.expect("the database opens");
        SqlStore::new(write, read, test_cipher())
    }

    async fn sqlite() -> Self {
        let folder = fresh_folder("sqlite");
        let database = Self {
            url: format!("sqlite://{}/niangjia.db", folder.display()),
            folder: Some(folder),
        };
        Migrator::up(database.store().await.writer(), None)
            .await
            .expect("migrations run");
        database
    }

    /// A copy of a template that is migrated once per test process.
    async fn postgres() -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", COUNTER.fetch_add(1, Ordering::Relaxed));
        tokio::task::spawn_blocking(template)
            .await
            .expect("the template is made");
        let server = Postgres::shared();
        admin(&format!(
            "CREATE DATABASE {name} TEMPLATE niangjia_template"
        ))
        .await;
        Self {
            url: server.url(&name),
            folder: None,
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// Makes the template once; others wait for it. A runtime of its own, because tests' runtimes come
/// and go.
fn template() {
    static MADE: OnceLock<()> = OnceLock::new();
    MADE.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            admin("CREATE DATABASE niangjia_template").await;
            let url = Postgres::shared().url("niangjia_template");
            let (pool, _) = connect(&DatabaseSettings {
                url,
                max_connections: 2,
                patience: Patience::default(),
            })
            .await
            .expect("the database opens");
            Migrator::up(&pool, None).await.expect("migrations run");
            pool.close().await.expect("the pool closes");
        });
    });
}

async fn admin(statement: &str) {
    let settings = DatabaseSettings {
        url: Postgres::shared().url("postgres"),
        max_connections: 1,
        patience: Patience::default(),
    };
    let (pool, _) = connect(&settings).await.expect("the database opens");
    pool.execute_unprepared(statement).await.expect(statement);
    pool.close().await.expect("the pool closes");
}

/// Keys that only tests use.
pub fn test_cipher() -> FieldCipher {
    let ring = KeyRing {
        masters: BTreeMap::from([(1, Key::new([7; 32]))]),
        current: 1,
        index: Key::new([9; 32]),
    };
    FieldCipher::new(ring, Arc::new(SystemRandom)).expect("the current key is there")
}
