use std::collections::{BTreeMap, BTreeSet};

use niangjia_tests::{client::Client, places::DISTRICT};

use super::{
    call::{self, Call},
    cast::{self},
    table::{For, ROUTES},
};

/// One caller of each role.
struct Callers {
    fresh: Client,
    staff: Client,
    auditor: Client,
    cadre: Client,
    admin: Client,
}

impl Callers {
    async fn gather() -> Self {
        let stranger = cast::stranger().await;
        Self {
            fresh: cast::newcomer(&stranger).await,
            staff: cast::demo_staff(&stranger).await,
            auditor: cast::officer(&stranger, "auditor", DISTRICT).await,
            cadre: cast::desk(&stranger, "cadre").await,
            admin: cast::desk(&stranger, "admin").await,
        }
    }

    /// Those whom a route is not for.
    fn barred(&self, route: For) -> Vec<(&'static str, &Client)> {
        let Self {
            fresh,
            staff,
            auditor,
            cadre,
            admin,
        } = self;
        let (fresh, staff, auditor) = (("fresh", fresh), ("staff", staff), ("auditor", auditor));
        let (cadre, admin) = (("cadre", cadre), ("admin", admin));
        match route {
            For::Anyone | For::SignedIn => vec![],
            For::Owner => vec![fresh, staff, auditor, cadre, admin],
            For::WeChat => vec![cadre, admin],
            For::Desk => vec![fresh, staff, auditor],
            For::Staff => vec![fresh, auditor, cadre, admin],
            For::Counter => vec![fresh, auditor],
            For::Sheet => vec![fresh],
            For::Reader => vec![fresh, staff],
            For::Cadre => vec![fresh, staff, auditor],
            For::Admin => vec![fresh, staff, auditor, cadre],
        }
    }

    /// Those whom a route is for.
    fn welcome(&self, route: For) -> Vec<(&'static str, &Client)> {
        let Self {
            fresh,
            staff,
            auditor,
            cadre,
            admin,
        } = self;
        match route {
            For::Anyone | For::SignedIn => vec![
                ("fresh", fresh),
                ("staff", staff),
                ("cadre", cadre),
                ("admin", admin),
            ],
            For::WeChat => vec![("fresh", fresh), ("staff", staff), ("auditor", auditor)],
            For::Staff | For::Counter => vec![("staff", staff)],
            For::Reader => vec![("auditor", auditor), ("cadre", cadre), ("admin", admin)],
            For::Sheet => vec![
                ("staff", staff),
                ("auditor", auditor),
                ("cadre", cadre),
                ("admin", admin),
            ],
            For::Cadre | For::Desk => vec![("cadre", cadre), ("admin", admin)],
            For::Admin => vec![("admin", admin)],
            For::Owner => vec![],
        }
    }
}

/// Calls with what the table says about them.
fn routes() -> Vec<(Call, For)> {
    let table: BTreeMap<_, _> = ROUTES.iter().copied().collect();
    let known = |call: Call| {
        table
            .get(call.name.as_str())
            .copied()
            .map(|route| (call, route))
    };
    call::all().into_iter().filter_map(known).collect()
}

#[test]
fn the_table_names_the_routes_of_the_document() {
    let calls = call::all();
    let document: BTreeSet<_> = calls.iter().map(|call| call.name.as_str()).collect();
    let table: BTreeSet<_> = ROUTES.iter().map(|(name, _)| *name).collect();
    assert_eq!(table.len(), ROUTES.len(), "a route is there twice");
    let (missing, gone): (Vec<_>, Vec<_>) = (
        document.difference(&table).collect(),
        table.difference(&document).collect(),
    );
    assert!(
        missing.is_empty(),
        "say in the table whom these are for: {missing:?}"
    );
    assert!(gone.is_empty(), "these are no longer there: {gone:?}");
}

#[test]
fn only_what_is_for_anyone_is_open() {
    let wrong = |(call, route): &(Call, For)| call.secured == (*route == For::Anyone);
    let wrong: Vec<_> = routes()
        .into_iter()
        .filter(wrong)
        .map(|(call, _)| call.name)
        .collect();
    assert!(
        wrong.is_empty(),
        "the document and the table disagree about {wrong:?}"
    );
}

#[tokio::test]
async fn a_wrong_role_gets_nowhere() {
    let callers = Callers::gather().await;
    let mut wrong = vec![];
    for (call, route) in routes() {
        for (who, client) in callers.barred(route) {
            let reply = call.send(client).await;
            if !matches!(
                (reply.status, reply.code()),
                (403, "forbidden") | (404, "not_found")
            ) {
                wrong.push(format!(
                    "{who}: {} answered {} {}",
                    reply.call, reply.status, reply.body
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The control: what turns the others away is their role.
#[tokio::test]
async fn the_right_role_may_read() {
    let callers = Callers::gather().await;
    let mut wrong = vec![];
    for (call, route) in routes().into_iter().filter(|(call, _)| call.is_read()) {
        for (who, client) in callers.welcome(route) {
            let reply = call.send(client).await;
            if !matches!(
                (reply.status, reply.code()),
                (200, _) | (404, "not_found" | "no_membership")
            ) {
                wrong.push(format!(
                    "{who}: {} answered {} {}",
                    reply.call, reply.status, reply.body
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
