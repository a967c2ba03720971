//! The identity API, over HTTP with a clock that moves.

mod passwords;
mod sessions;
mod sign_in;
mod staff;

use niangjia_tests::{
    client::{Client, Reply},
    town::identity::PASSWORD,
};

async fn wechat(stranger: &Client, openid: &str) -> Client {
    stranger.wechat(&format!("dev:{openid}")).await.unwrap()
}

async fn desk(stranger: &Client, username: &str) -> Client {
    stranger.password(username, PASSWORD).await.unwrap()
}

fn retry_after(reply: &Reply) -> u64 {
    reply.header("retry-after").unwrap().parse().unwrap()
}
