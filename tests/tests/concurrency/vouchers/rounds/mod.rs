//! Races over draws, grants and recalls: two stores with pools of their own, each guard with a
//! control without it.

mod draws;
mod recalls;

use niangjia_tests::town::{Services, Town};

async fn two_processes(town: &Town) -> (Services, Services) {
    (town.services.clone(), town.another_process().await)
}
