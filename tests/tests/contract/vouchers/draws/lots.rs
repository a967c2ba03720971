//! The order of the lots, sealed first and checked by anybody afterwards.

use niangjia_domain::{
    kernel::{Clock, PageRequest, id::DrawEntryId},
    store::Store,
    vouchers::draw::{DrawState, EntryState, lots::DrawSeed},
};
use niangjia_tests::{
    servers::database::Kind,
    town::{Town, by_draw, told},
};
use rstest::rstest;

use super::HOUR;

#[rstest]
#[tokio::test]
async fn the_first_in_the_order_of_the_lots_win_and_anybody_can_check_it(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let services = town.services.clone();
    let mut new = by_draw(&town);
    (new.quota, new.budget_fen) = (10, 3 * 1_500 + 700);
    let batch = town.running(new).await;
    let commitment = services.published(batch).await.draw.seed.commitment();
    let mut workers = Vec::new();
    for _ in 0..8 {
        let worker = town.worker().await;
        let entry = services.enter(&worker, batch).await.unwrap();
        workers.push((entry.id, worker));
    }
    // One leaves the union before the draw.
    let gone = &workers[0];
    let left = "UPDATE memberships SET status = 'withdrawn' WHERE person_id = $1";
    town.execute(left, [gone.1.person_id.unwrap().uuid().into()])
        .await;
    town.clock.advance(HOUR);
    services.draw_all(3).await;

    let published = services.published(batch).await;
    let seed = DrawSeed::parse(&published.draw.revealed_seed().unwrap().expose()).unwrap();
    assert_eq!(
        seed.commitment(),
        commitment,
        "the seed was fixed before the first entry"
    );
    let ids: Vec<_> = published.order.items.iter().map(|entry| entry.id).collect();
    let mut expected: Vec<DrawEntryId> = workers.iter().map(|(id, _)| *id).collect();
    expected.sort_by_key(|id| seed.lot(*id));
    assert_eq!(ids, expected);
    let ranks: Vec<_> = published
        .order
        .items
        .iter()
        .map(|entry| entry.state.rank().unwrap())
        .collect();
    assert_eq!(ranks, (1..=8).collect::<Vec<_>>());
    let mut chances = 3;
    for entry in &published.order.items {
        let owner = &workers.iter().find(|(id, _)| *id == entry.id).unwrap().1;
        let won = chances > 0 && entry.id != gone.0;
        chances -= i64::from(won);
        assert_eq!(
            matches!(entry.state, EntryState::Won { .. }),
            won,
            "rank {:?}",
            entry.state.rank()
        );
        let news = match entry.state {
            EntryState::Won { .. } => "draw_won",
            EntryState::Ineligible { .. } => "draw_ineligible",
            _ => "draw_lost",
        };
        assert_eq!(told(&town, owner).await, [news]);
        let mine = town
            .services
            .vouchers
            .wallet
            .my_vouchers(
                owner,
                None,
                PageRequest {
                    limit: 5,
                    after: None,
                },
            )
            .await
            .unwrap();
        let held: Vec<_> = mine.items.iter().map(|view| view.voucher.id).collect();
        assert_eq!(
            held,
            entry.state.voucher_id().into_iter().collect::<Vec<_>>()
        );
    }
    let tally = town.balanced(batch).await;
    assert_eq!(
        (tally.issued, published.draw.winners, published.draw.entries),
        (3, 3, 8)
    );
    assert_eq!(services.draws.run_due(3).await.unwrap(), 0, "once");

    let page = PageRequest {
        limit: 5,
        after: None,
    };
    let first = services.draws.published(batch, page).await.unwrap().order;
    let rest = services
        .draws
        .published(
            batch,
            PageRequest {
                limit: 5,
                after: first.next,
            },
        )
        .await
        .unwrap()
        .order;
    assert_eq!(
        first
            .items
            .iter()
            .chain(&rest.items)
            .map(|entry| entry.id)
            .collect::<Vec<_>>(),
        ids
    );
    assert_eq!(rest.next, None);
}

#[rstest]
#[tokio::test]
async fn a_draw_reads_back_with_its_seed_sealed(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(by_draw(&town)).await;
    let mut tx = town.store.begin().await.unwrap();
    let draw = tx.draws().find(batch).await.unwrap().unwrap();
    assert!(tx.draws().take_round(&draw).await.unwrap());
    assert!(
        !tx.draws().take_round(&draw).await.unwrap(),
        "a round is taken once"
    );
    tx.commit().await.unwrap();
    let stored = town
        .store
        .read()
        .await
        .unwrap()
        .draws()
        .find(batch)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (stored.state, stored.round, &stored.seed),
        (DrawState::Scoring, 1, &draw.seed)
    );
    assert_eq!(stored.draw_at, draw.draw_at);
    assert!(town.clock.now() < draw.draw_at);
    let sealed = "SELECT COUNT(*) FROM voucher_draws WHERE length(seed) > 64";
    assert_eq!(
        town.count(sealed).await,
        1,
        "64 hexadecimal digits, header, nonce and tag"
    );
}
