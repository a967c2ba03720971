//! Tables and documents that must say what the code does.

use serde_json::Value;

use crate::house::{text, within};

#[test]
fn the_committed_openapi_document_is_the_code_s() {
    let committed: Value = serde_json::from_str(&text("api/openapi.json")).unwrap();
    assert!(
        committed == niangjia_api::http::openapi::document(),
        "api/openapi.json is stale: run `make openapi`"
    );
}

#[test]
fn every_error_table_is_exhaustive() {
    let mut tables = 0;
    for source in within("api/src").filter(|source| source.name.contains("/problem/")) {
        let mut lines = source.shipped();
        let catch_all = lines.find(|(_, line)| line.trim_start().starts_with("_ =>"));
        assert!(catch_all.is_none(), "{} has a catch-all arm", source.name);
        tables += 1;
    }
    assert!(tables > 5, "the tables lie in a folder named problem");
}
