//! What every object store does, whatever stands behind it.

use chrono::TimeDelta;
use niangjia_domain::uploads::objects::{ObjectError, UploadForm};
use niangjia_tests::town::uploads::post_form;
use rstest::rstest;

use crate::place::{Place, Which, fresh_key};

#[rstest]
#[tokio::test]
async fn objects_are_put_measured_read_and_deleted(
    #[values(Which::Local, Which::OssV4, Which::OssV1)] which: Which,
) {
    let place = Place::new(which);
    let key = fresh_key("photos");
    assert!(matches!(
        place.objects.size(&key).await,
        Err(ObjectError::NotFound)
    ));
    assert!(matches!(
        place.objects.get(&key, 10).await,
        Err(ObjectError::NotFound)
    ));

    place
        .objects
        .put(&key, "image/jpeg", b"hello oss".to_vec())
        .await
        .unwrap();
    assert_eq!(place.objects.size(&key).await.unwrap(), 9);
    assert_eq!(place.objects.get(&key, 9).await.unwrap(), b"hello oss");
    assert!(matches!(
        place.objects.get(&key, 8).await,
        Err(ObjectError::TooLarge)
    ));

    place
        .objects
        .put(&key, "image/jpeg", b"again".to_vec())
        .await
        .unwrap();
    assert_eq!(
        place.objects.get(&key, 9).await.unwrap(),
        b"again",
        "a repetition replaces"
    );

    place.objects.delete(&key).await.unwrap();
    place.objects.delete(&key).await.unwrap();
    assert!(matches!(
        place.objects.size(&key).await,
        Err(ObjectError::NotFound)
    ));
    place.objects.probe().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_form_lets_one_new_object_in(
    #[values(Which::Local, Which::OssV4, Which::OssV1)] which: Which,
) {
    let place = Place::new(which);
    let policy = place.policy();
    let form = place.objects.upload_form(&policy).unwrap();
    assert_eq!(
        form,
        place.objects.upload_form(&policy).unwrap(),
        "the same policy, the same form"
    );

    assert_eq!(post(&form, 1_000).await, 200);
    assert_eq!(place.objects.size(&policy.key).await.unwrap(), 1_000);
    assert_eq!(post(&form, 10).await, 409, "a form works once");
    assert_eq!(place.objects.size(&policy.key).await.unwrap(), 1_000);
}

#[rstest]
#[tokio::test]
async fn a_file_outside_the_size_range_is_refused(
    #[values(Which::Local, Which::OssV4, Which::OssV1)] which: Which,
) {
    let place = Place::new(which);
    for bytes in [0, 1_001] {
        let policy = place.policy();
        let form = place.objects.upload_form(&policy).unwrap();
        assert!(
            (400..500).contains(&post(&form, bytes).await),
            "{bytes} bytes"
        );
        assert!(matches!(
            place.objects.size(&policy.key).await,
            Err(ObjectError::NotFound)
        ));
    }
}

#[rstest]
#[case::another_key("key", "photos/00000000000000000000000000000000", 403)]
#[case::a_path_that_climbs("key", "../../escaped", 403)]
#[case::another_type("Content-Type", "text/html", 403)]
#[case::overwriting("x-oss-forbid-overwrite", "false", 403)]
#[case::another_answer("success_action_status", "201", 403)]
#[tokio::test]
async fn a_changed_field_is_refused(
    #[values(Which::Local, Which::OssV4, Which::OssV1)] which: Which,
    #[case] field: &str,
    #[case] value: &str,
    #[case] status: u16,
) {
    let place = Place::new(which);
    let policy = place.policy();
    let mut form = place.objects.upload_form(&policy).unwrap();
    form.fields
        .iter_mut()
        .find(|(name, _)| name == field)
        .unwrap()
        .1 = value.to_owned();
    assert_eq!(post(&form, 10).await, status);
    assert!(matches!(
        place.objects.size(&policy.key).await,
        Err(ObjectError::NotFound)
    ));
}

#[rstest]
#[tokio::test]
async fn a_policy_of_ones_own_making_is_refused(
    #[values(Which::Local, Which::OssV4, Which::OssV1)] which: Which,
) {
    let place = Place::new(which);
    let policy = place.policy();
    let mut form = place.objects.upload_form(&policy).unwrap();
    let generous = place
        .objects
        .upload_form(&niangjia_domain::uploads::objects::UploadPolicy {
            max_bytes: 1_000_000,
            ..policy.clone()
        });
    let own = generous
        .unwrap()
        .fields
        .into_iter()
        .find(|(name, _)| name == "policy")
        .unwrap();
    *form
        .fields
        .iter_mut()
        .find(|(name, _)| name == "policy")
        .unwrap() = own;
    assert_eq!(post(&form, 2_000).await, 403);
}

#[rstest]
#[tokio::test]
async fn every_field_is_needed(#[values(Which::Local, Which::OssV4, Which::OssV1)] which: Which) {
    let place = Place::new(which);
    let form = place.objects.upload_form(&place.policy()).unwrap();
    for left_out in 0..form.fields.len() {
        let mut form = form.clone();
        let (name, _) = form.fields.remove(left_out);
        assert!(
            (400..500).contains(&post(&form, 10).await),
            "without {name}"
        );
    }
}

#[rstest]
#[tokio::test]
async fn the_file_comes_last(#[values(Which::Local, Which::OssV4, Which::OssV1)] which: Which) {
    let place = Place::new(which);
    let policy = place.policy();
    let form = place.objects.upload_form(&policy).unwrap();
    let late = [("key", "tmp/late"), ("file", "another")];
    for field in late {
        let answer = post_form(&form.url, &form.fields, vec![7; 10], &[field]).await;
        assert_eq!(answer.status(), 400, "{field:?} after the file");
        assert!(matches!(
            place.objects.size(&policy.key).await,
            Err(ObjectError::NotFound)
        ));
    }
}

#[rstest]
#[tokio::test]
async fn a_form_ends_with_its_policy(
    #[values(Which::Local, Which::OssV4, Which::OssV1)] which: Which,
) {
    let place = Place::new(which);
    let policy = place.policy();
    let form = place.objects.upload_form(&policy).unwrap();
    place.wait(TimeDelta::minutes(11));
    assert_eq!(post(&form, 10).await, 403);
    place.wait(TimeDelta::zero());
    assert!(matches!(
        place.objects.size(&policy.key).await,
        Err(ObjectError::NotFound)
    ));
}

#[rstest]
#[tokio::test]
async fn a_read_url_reads_one_object_for_a_while(
    #[values(Which::Local, Which::OssV4, Which::OssV1)] which: Which,
) {
    let place = Place::new(which);
    let (key, other) = (fresh_key("photos"), fresh_key("photos"));
    for key in [&key, &other] {
        place
            .objects
            .put(key, "image/jpeg", b"picture".to_vec())
            .await
            .unwrap();
    }
    let url = place
        .objects
        .read_url(&key, place.now() + TimeDelta::minutes(10))
        .unwrap();
    assert_eq!(read(&url).await, (200, b"picture".to_vec()));

    let elsewhere = url.replace(key.as_str(), other.as_str());
    assert!(refused(&elsewhere).await, "another object");
    assert!(refused(&with_other_end(&url)).await, "another end");
    assert!(
        refused(url.split('?').next().unwrap()).await,
        "no signature"
    );
    place.wait(TimeDelta::minutes(11));
    assert!(refused(&url).await, "too late");
}

#[rstest]
#[tokio::test]
async fn of_many_posts_of_one_form_one_gets_in(
    #[values(Which::Local, Which::OssV4, Which::OssV1)] which: Which,
) {
    let place = Place::new(which);
    let policy = place.policy();
    let form = place.objects.upload_form(&policy).unwrap();
    let posts = (1..=12).map(|bytes| {
        let form = form.clone();
        tokio::spawn(async move { (post(&form, bytes).await, bytes as u64) })
    });
    let mut winners = Vec::new();
    for post in posts.collect::<Vec<_>>() {
        match post.await.unwrap() {
            (200, bytes) => winners.push(bytes),
            (status, _) => assert_eq!(status, 409),
        }
    }
    assert_eq!(winners, [place.objects.size(&policy.key).await.unwrap()]);
}

async fn post(form: &UploadForm, bytes: usize) -> u16 {
    assert_eq!(form.file_field, "file");
    post_form(&form.url, &form.fields, vec![7; bytes], &[])
        .await
        .status()
        .as_u16()
}

async fn read(url: &str) -> (u16, Vec<u8>) {
    let answer = reqwest::get(url).await.unwrap();
    (
        answer.status().as_u16(),
        answer.bytes().await.unwrap().to_vec(),
    )
}

/// Refused without a byte of the object.
async fn refused(url: &str) -> bool {
    let (status, body) = read(url).await;
    (400..500).contains(&status) && !body.windows(7).any(|window| window == b"picture")
}

/// One second more, in whatever parameter says so.
fn with_other_end(url: &str) -> String {
    let (start, query) = url.split_once('?').unwrap();
    let longer = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name @ ("expires" | "Expires" | "x-oss-expires"), end)) => {
            format!("{name}={}", end.parse::<i64>().unwrap() + 1)
        }
        _ => pair.to_owned(),
    });
    format!("{start}?{}", longer.collect::<Vec<_>>().join("&"))
}
