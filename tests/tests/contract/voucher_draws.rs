//! Draws, from the commitment to the last notice.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{Actor, Clock, PageRequest, id::DrawEntryId},
    store::Store,
    vouchers::{
        VoucherError,
        batches::batch::Switch,
        draw::{DrawState, EntryState, lots::DrawSeed},
    },
};
use niangjia_tests::{
    canteen::Canteen,
    database::Kind,
    releases::{Desk, by_lot, told},
    wish_scene::once,
};
use rstest::rstest;

const HOUR: TimeDelta = TimeDelta::hours(1);

#[rstest]
#[tokio::test]
async fn a_person_enters_once_until_the_hour(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let canteen = Canteen::open(kind).await;
    let desk = Desk::of(&canteen);
    let batch = canteen.running(by_lot(&canteen)).await;
    let worker = canteen.scene.worker().await;
    let request = once(&worker);
    let entry = desk.draws.enter(&worker, &request, batch).await.unwrap();
    let again = desk.draws.enter(&worker, &request, batch).await.unwrap();
    assert_eq!((again.replayed, &again.value), (true, &entry.value));
    assert!(matches!(
        desk.enter(&worker, batch).await,
        Err(VoucherError::EnteredBefore)
    ));
    // The same person behind another account.
    let second_account = Actor {
        person_id: worker.person_id,
        ..canteen.scene.donor().await
    };
    assert!(matches!(
        desk.enter(&second_account, batch).await,
        Err(VoucherError::EnteredBefore)
    ));
    let stranger = canteen.scene.donor().await;
    assert!(matches!(
        desk.enter(&stranger, batch).await,
        Err(VoucherError::StandingInsufficient(_))
    ));
    assert!(matches!(
        canteen.claim(&worker, batch).await,
        Err(VoucherError::DistributedOtherwise(_))
    ));

    assert_eq!(
        desk.draws.my_entry(&worker, entry.value.id).await.unwrap(),
        entry.value
    );
    let other = canteen.scene.worker().await;
    assert!(
        desk.draws.my_entry(&other, entry.value.id).await.is_err(),
        "somebody else's is not found"
    );
    let published = desk.published(batch).await;
    assert_eq!(
        (published.draw.entries, published.draw.state),
        (1, DrawState::Waiting)
    );
    assert!(published.draw.revealed_seed().is_none() && published.order.items.is_empty());
    assert_eq!(
        desk.draws.run_due(10).await.unwrap(),
        0,
        "not before its hour"
    );
    canteen.scene.clock.advance(HOUR);
    assert!(matches!(
        desk.enter(&other, batch).await,
        Err(VoucherError::EntriesClosed)
    ));
}

#[rstest]
#[tokio::test]
async fn the_first_in_the_order_of_the_lots_win_and_anybody_can_check_it(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let desk = Desk::of(&canteen);
    let mut new = by_lot(&canteen);
    (new.quota, new.budget_fen) = (10, 3 * 1_500 + 700);
    let batch = canteen.running(new).await;
    let commitment = desk.published(batch).await.draw.seed.commitment();
    let mut workers = Vec::new();
    for _ in 0..8 {
        let worker = canteen.scene.worker().await;
        let entry = desk.enter(&worker, batch).await.unwrap();
        workers.push((entry.id, worker));
    }
    // One leaves the union before the draw.
    let gone = &workers[0];
    let left = "UPDATE memberships SET status = 'withdrawn' WHERE person_id = $1";
    canteen
        .scene
        .execute(left, [gone.1.person_id.unwrap().uuid().into()])
        .await;
    canteen.scene.clock.advance(HOUR);
    desk.draw_all(3).await;

    let published = desk.published(batch).await;
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
        assert_eq!(
            told(&canteen, owner).await,
            [if won { "draw_won" } else { "draw_lost" }]
        );
        let mine = canteen
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
    let tally = canteen.balanced(batch).await;
    assert_eq!(
        (tally.issued, published.draw.winners, published.draw.entries),
        (3, 3, 8)
    );
    assert_eq!(desk.draws.run_due(3).await.unwrap(), 0, "once");

    let page = PageRequest {
        limit: 5,
        after: None,
    };
    let first = desk.draws.published(batch, page).await.unwrap().order;
    let rest = desk
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
async fn money_that_comes_back_during_a_draw_does_not_reach_later_ranks(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let desk = Desk::of(&canteen);
    let mut new = by_lot(&canteen);
    (new.quota, new.daily_quota) = (1, None);
    let batch = canteen.running(new).await;
    for _ in 0..5 {
        desk.enter(&canteen.scene.worker().await, batch)
            .await
            .unwrap();
    }
    canteen.scene.clock.advance(HOUR);
    // Lots for all, the turn to drawing, and the first two ranks.
    while desk.published(batch).await.draw.ranked == 0 {
        desk.draws.run_due(2).await.unwrap();
    }
    canteen
        .vouchers
        .batches
        .change_quota(&canteen.maker, batch, 1, 5)
        .await
        .unwrap();
    desk.draw_all(2).await;
    let order = desk.published(batch).await.order.items;
    let won: Vec<_> = order
        .iter()
        .map(|entry| matches!(entry.state, EntryState::Won { .. }))
        .collect();
    assert_eq!(won, [true, false, false, false, false]);
}

#[rstest]
#[tokio::test]
async fn a_paused_draw_rests_and_a_stopped_one_is_cancelled(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let desk = Desk::of(&canteen);
    let batch = canteen.running(by_lot(&canteen)).await;
    let worker = canteen.scene.worker().await;
    let entry = desk.enter(&worker, batch).await.unwrap();
    canteen.scene.clock.advance(HOUR);
    canteen
        .vouchers
        .batches
        .switch(&canteen.maker, batch, Switch::Pause)
        .await
        .unwrap();
    assert_eq!(desk.draws.run_due(10).await.unwrap(), 0);
    canteen
        .vouchers
        .batches
        .switch(&canteen.maker, batch, Switch::Stop)
        .await
        .unwrap();
    let open = canteen.vouchers.batches.close(&canteen.maker, batch).await;
    assert!(
        matches!(open, Err(VoucherError::BatchUnfinished(_))),
        "somebody still waits for the draw"
    );
    desk.draw_all(10).await;
    assert_eq!(
        desk.draws.my_entry(&worker, entry.id).await.unwrap().state,
        EntryState::Cancelled
    );
    assert_eq!(desk.published(batch).await.draw.state, DrawState::Cancelled);
    assert_eq!(told(&canteen, &worker).await, ["draw_cancelled"]);
    canteen
        .vouchers
        .batches
        .close(&canteen.maker, batch)
        .await
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_draw_reads_back_with_its_seed_sealed(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let batch = canteen.running(by_lot(&canteen)).await;
    let mut tx = canteen.scene.store.begin().await.unwrap();
    let draw = tx.draws().find(batch).await.unwrap().unwrap();
    assert!(tx.draws().take_round(&draw).await.unwrap());
    assert!(
        !tx.draws().take_round(&draw).await.unwrap(),
        "a round is taken once"
    );
    tx.commit().await.unwrap();
    let stored = canteen
        .scene
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
    assert!(canteen.scene.clock.now() < draw.draw_at);
    let sealed = "SELECT COUNT(*) FROM voucher_draws WHERE length(seed) > 64";
    assert_eq!(
        canteen.scene.count(sealed).await,
        1,
        "64 hexadecimal digits, header, nonce and tag"
    );
}
