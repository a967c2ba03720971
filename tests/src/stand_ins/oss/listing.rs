//! ListObjectsV2. No `xmlns` on the root: oss2 2.19.1 cannot read a listing that has one.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    answers::escape,
    request::{WireRequest, encode},
    server::StoredObject,
};

pub(super) fn list_v2(request: &WireRequest, objects: &BTreeMap<String, StoredObject>) -> String {
    let param = |name: &str| request.param(name).unwrap_or_default();
    let (prefix, delimiter) = (param("prefix"), param("delimiter"));
    let limit = param("max-keys")
        .parse()
        .unwrap_or(100usize)
        .clamp(1, 1_000);
    let encoded = param("encoding-type") == "url";
    let name = |key: &str| if encoded { encode(key) } else { escape(key) };
    let token = String::from_utf8(hex::decode(param("continuation-token")).unwrap_or_default())
        .unwrap_or_default();
    let after = if token.is_empty() {
        param("start-after")
    } else {
        &token
    };

    let page = Page::of(objects, prefix, delimiter, after, limit, name);
    let (contents, count, truncated) = (&page.contents, page.count, page.truncated);
    let folders: String = page
        .folders
        .iter()
        .map(|one| {
            format!(
                "<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>",
                name(one)
            )
        })
        .collect();
    let next = if truncated {
        format!(
            "<NextContinuationToken>{}</NextContinuationToken>",
            hex::encode(&page.last)
        )
    } else {
        String::new()
    };
    let encoding = if encoded {
        "<EncodingType>url</EncodingType>"
    } else {
        ""
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult><Name>{}</Name><Prefix>{}</Prefix>\
         <MaxKeys>{limit}</MaxKeys><Delimiter>{}</Delimiter>{encoding}<IsTruncated>{truncated}</IsTruncated>\
         {next}<KeyCount>{count}</KeyCount>{contents}{folders}</ListBucketResult>",
        request.bucket,
        name(prefix),
        name(delimiter),
    )
}

/// What one answer shows.
#[derive(Default)]
struct Page {
    contents: String,
    folders: BTreeSet<String>,
    last: String,
    truncated: bool,
    count: usize,
}

impl Page {
    fn of(
        objects: &BTreeMap<String, StoredObject>,
        prefix: &str,
        delimiter: &str,
        after: &str,
        limit: usize,
        name: impl Fn(&str) -> String,
    ) -> Self {
        let mut page = Self::default();
        for (key, object) in objects
            .iter()
            .filter(|(key, _)| key.starts_with(prefix) && key.as_str() > after)
        {
            let folder = folder_of(key, prefix, delimiter);
            if folder
                .as_ref()
                .is_some_and(|folder| page.folders.contains(folder))
            {
                page.last.clone_from(key);
                continue;
            }
            if page.count == limit {
                page.truncated = true;
                break;
            }
            page.count += 1;
            page.last.clone_from(key);
            match folder {
                Some(folder) => drop(page.folders.insert(folder)),
                None => page.contents.push_str(&entry(&name(key), object)),
            }
        }
        page
    }
}

fn folder_of(key: &str, prefix: &str, delimiter: &str) -> Option<String> {
    if delimiter.is_empty() {
        return None;
    }
    let end = key[prefix.len()..].find(delimiter)?;
    Some(key[..prefix.len() + end + delimiter.len()].to_owned())
}

fn entry(name: &str, object: &StoredObject) -> String {
    format!(
        "<Contents><Key>{name}</Key><LastModified>{}</LastModified><ETag>{}</ETag><Type>Normal</Type>\
         <Size>{}</Size><StorageClass>Standard</StorageClass></Contents>",
        object.modified.format("%Y-%m-%dT%H:%M:%S.000Z"),
        escape(&object.etag()),
        object.bytes.len(),
    )
}
