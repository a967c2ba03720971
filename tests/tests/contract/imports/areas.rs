//! Where rows land, and who sees it.

use niangjia_domain::{
    imports::{Import, ImportError},
    kernel::{AccessError, Actor, Jurisdiction},
    store::Store,
};
use niangjia_tests::{
    actors::{cadre, cadre_of},
    places::{DISTRICT, QUFU, district},
    rosters::{self, Line},
    servers::database::Kind,
};
use rstest::rstest;

use super::{FIRST, MapRows, errors, office, roster};

#[rstest]
#[tokio::test]
async fn rows_land_inside_the_callers_area(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, office) = office(kind).await;
    let (qufu, rencheng) = (cadre_of(QUFU), cadre_of(DISTRICT));
    let rows = rosters::rows("371007", 2);
    let import = async |actor: &Actor, rows: &[Line]| -> Import {
        let new = roster(rosters::csv(rows), false);
        let received = office.imports.receive(actor, new).await.unwrap();
        office.carry_out(received.id).await
    };
    let foreign = import(&qufu, &rows).await;
    assert_eq!((foreign.tally.added, foreign.tally.refused), (0, 2));
    assert_eq!(errors(&office, foreign.id).await[0].2, "union_unknown");

    let mut tx = office.store.read().await.unwrap();
    let union = tx.unions().find_by_name(rosters::UNION).await.unwrap();
    let own = cadre(Jurisdiction::Union(union.unwrap().id));
    let unnamed = rows.clone().map_rows(|row| row[4] = String::new());
    let landed = import(&own, &unnamed).await;
    assert_eq!(landed.tally.added, 2, "its own union needs no name");
    assert_eq!(landed.district, Some(district(DISTRICT)));
    let nameless = import(&rencheng, &unnamed).await;
    assert_eq!(errors(&office, nameless.id).await[0].2, "cell_empty");

    for (reader, seen) in [
        (&qufu, vec![foreign.id]),
        (&own, vec![landed.id]),
        (&rencheng, vec![nameless.id, landed.id]),
        (
            &cadre(Jurisdiction::Everywhere),
            vec![nameless.id, landed.id, foreign.id],
        ),
    ] {
        let page = office.imports.imports(reader, FIRST).await.unwrap();
        let ids: Vec<_> = page.items.iter().map(|import| import.id).collect();
        assert_eq!(ids, seen);
    }
    let hidden = office.imports.report(&qufu, landed.id).await;
    assert!(matches!(
        hidden,
        Err(ImportError::Access(AccessError::NotFound))
    ));
}
