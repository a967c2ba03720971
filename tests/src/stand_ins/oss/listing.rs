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

    let (mut contents, mut folders, mut last, mut truncated) =
        (String::new(), BTreeSet::new(), String::new(), false);
    let mut count = 0;
    for (key, object) in objects
        .iter()
        .filter(|(key, _)| key.starts_with(prefix) && key.as_str() > after)
    {
        let folder = folder_of(key, prefix, delimiter);
        if folder
            .as_ref()
            .is_some_and(|folder| folders.contains(folder))
        {
            last.clone_from(key);
            continue;
        }
        if count == limit {
            truncated = true;
            break;
        }
        count += 1;
        last.clone_from(key);
        match folder {
            Some(folder) => drop(folders.insert(folder)),
            None => contents.push_str(&entry(&name(key), object)),
        }
    }
    let folders: String = folders
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
            hex::encode(&last)
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
