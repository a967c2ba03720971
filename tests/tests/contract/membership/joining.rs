//! From three fields to an active membership.

use niangjia_domain::{
    membership::{
        ApplicationDecision, MembershipError, applications::application::JoinForm,
        ports::ApplicationFilter, standing::StandingLevel,
    },
    store::Store,
};
use niangjia_tests::{
    actors::{cadre_of, once},
    people::Invented,
    places::DISTRICT,
    rows::new_id,
    servers::database::Kind,
    town::office::form_of,
};
use rstest::rstest;

use super::{FIRST, codes, joined, office};

#[rstest]
#[tokio::test]
async fn a_rider_on_no_list_enters_the_countys_pool_and_a_cadre_makes_them_active(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, office) = office(kind).await;
    let (worker, person, view) = joined(&office).await;
    assert_eq!(
        (view.status.as_str(), view.routing.rule.code()),
        ("provisional", "holding_pool")
    );
    assert!(view.union.name.starts_with("任城区") && view.due_at.is_some());
    assert!(view.member_no.as_deref().unwrap().starts_with(DISTRICT));

    let person_id = worker.person_id.unwrap();
    let standing = office
        .store
        .read()
        .await
        .unwrap()
        .memberships()
        .standing_of(person_id)
        .await
        .unwrap()
        .unwrap();
    let many = office
        .store
        .read()
        .await
        .unwrap()
        .memberships()
        .standings_of(&[new_id(), person_id])
        .await
        .unwrap();
    assert_eq!(
        many,
        std::slice::from_ref(&standing),
        "persons without one are left out"
    );
    assert_eq!(
        (standing.level, standing.district.to_string().as_str()),
        (StandingLevel::Provisional, DISTRICT)
    );

    let rencheng = cadre_of(DISTRICT);
    let queue = office
        .service
        .applications(&rencheng, ApplicationFilter::default(), FIRST)
        .await
        .unwrap();
    assert_eq!(queue.items.len(), 1);
    assert!(
        !format!("{:?}", queue.items).contains(&person.id_number),
        "the queue is masked"
    );

    let stranger = office
        .decide(&cadre_of("370812"), view.id, ApplicationDecision::Accept)
        .await;
    assert!(
        matches!(stranger, Err(MembershipError::Access(_))),
        "another district does not see it"
    );
    let active = office
        .decide(&rencheng, view.id, ApplicationDecision::Accept)
        .await
        .unwrap();
    assert_eq!(
        (active.status.as_str(), &active.member_no),
        ("active", &view.member_no)
    );
    let again = office
        .decide(&rencheng, view.id, ApplicationDecision::Accept)
        .await;
    assert!(
        matches!(again, Err(MembershipError::Transition(_))),
        "decided once"
    );
    let card = office.service.card(&worker).await.unwrap();
    assert_eq!(
        office
            .service
            .check_card(&rencheng, &card.code)
            .await
            .unwrap()
            .member_no,
        card.member_no
    );
}

#[rstest]
#[tokio::test]
async fn a_trades_union_decides_before_there_is_a_number(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, office) = office(kind).await;
    let (worker, person) = (office.worker().await, Invented::new());
    let form = JoinForm {
        occupation: Some("courier".to_owned()),
        work_district: None,
        location: Some((116.79, 35.55)),
        ..form_of(&person)
    };
    let view = office.join(&worker, form.clone()).await.unwrap();
    assert_eq!(
        (view.status.as_str(), view.routing.rule.code()),
        ("under_review", "occupation")
    );
    assert_eq!((view.member_no, view.routing.alternatives.len()), (None, 2));
    let worker = office.seen_again(&worker).await;
    let standing = office
        .store
        .read()
        .await
        .unwrap()
        .memberships()
        .standing_of(worker.person_id.unwrap())
        .await;
    assert_eq!(standing.unwrap(), None, "no benefits before the decision");
    assert!(matches!(
        office.service.card(&worker).await,
        Err(MembershipError::NoMembership)
    ));

    let yanzhou = cadre_of("370812");
    let back = ApplicationDecision::parse("return", Some("请核对姓名")).unwrap();
    office.decide(&yanzhou, view.id, back).await.unwrap();
    assert_eq!(
        office.service.own(&worker).await.unwrap().reason.as_deref(),
        Some("请核对姓名")
    );

    let corrected = JoinForm {
        name: Some("古丽·阿依".to_owned()),
        ..form
    };
    let again = office.join(&worker, corrected).await.unwrap();
    assert_eq!(
        (again.id, again.status.as_str()),
        (view.id, "under_review"),
        "the same application, mended"
    );
    let active = office
        .decide(&yanzhou, view.id, ApplicationDecision::Accept)
        .await
        .unwrap();
    assert!(active.member_no.unwrap().starts_with("370812"));
}

#[rstest]
#[tokio::test]
async fn nobody_is_a_member_twice(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, office) = office(kind).await;
    let (worker, person, _) = joined(&office).await;
    let again = office.join(&worker, form_of(&person)).await;
    assert!(
        matches!(again, Err(MembershipError::AlreadyMember)),
        "same account"
    );
    let other_phone = Invented {
        phone: Invented::new().phone,
        ..person.clone()
    };
    let other = office.worker().await;
    let again = office.join(&other, form_of(&other_phone)).await;
    assert!(
        matches!(again, Err(MembershipError::AlreadyMember)),
        "another account and phone"
    );
    assert_eq!(
        office.seen_again(&other).await.person_id,
        None,
        "and stays a stranger to that person"
    );
    let again = office.join(&worker, form_of(&Invented::new())).await;
    assert!(
        matches!(again, Err(MembershipError::AccountOfAnother)),
        "another person, same account"
    );

    office.service.withdraw(&worker).await.unwrap();
    let misnamed = Invented {
        name: "王冒名".to_owned(),
        ..other_phone.clone()
    };
    let refused = codes(office.join(&other, form_of(&misnamed)).await.err().unwrap());
    assert_eq!(refused, [("name".to_owned(), "name_mismatch")]);
    let back = office.join(&other, form_of(&other_phone)).await.unwrap();
    assert_eq!(back.status, "provisional");
}

#[rstest]
#[tokio::test]
async fn the_first_answer_is_given_again(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, office) = office(kind).await;
    let (worker, person) = (office.worker().await, Invented::new());
    let same = once(&worker);
    let first = office
        .service
        .join(&worker, &same, form_of(&person))
        .await
        .unwrap();
    let second = office
        .service
        .join(&worker, &same, form_of(&person))
        .await
        .unwrap();
    assert_eq!((first.value, true), (second.value, second.replayed));
}
