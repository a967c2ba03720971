//! Well-formed paths and bodies, made up from the document.

use chrono::TimeDelta;
use niangjia_domain::kernel::{Clock, id::WishId, values::local_time};
use niangjia_infra::system::{SystemClock, SystemRandom};
use niangjia_tests::places::DISTRICT;
use serde_json::{Map, Value, json};

/// What an id in this kind of path starts with.
const KINDS: &[(&str, &str)] = &[
    ("/admin/dead-letters/", "evt"),
    ("/admin/staff-grants/", "grant"),
    ("/admin/imports/", "import"),
    ("/admin/memberships/", "mem"),
    ("/admin/persons/", "pers"),
    ("/admin/settlements/", "settle"),
    ("/admin/tasks/", "task"),
    ("/checkup-sessions/", "csess"),
    ("/checkup-bookings/", "booking"),
    ("voucher-batches/", "vbatch"),
    ("/voucher-draw-entries/", "entry"),
    ("/vouchers/", "voucher"),
    ("/redemptions/", "redeem"),
    ("/stations/", "stn"),
    ("/station-devices/", "sdev"),
    ("/disputed-scans/", "dispscan"),
    ("/uploads/", "upl"),
    ("/wish-claims/", "wclaim"),
    ("/inbox/", "notice"),
];

/// An id of this kind that nothing has.
pub fn absent_id(prefix: &str) -> String {
    let id = WishId::generate(SystemClock.now(), &SystemRandom).to_string();
    id.replacen("wish", prefix, 1)
}

/// The path with its parameters filled in.
pub fn path(template: &str) -> String {
    let prefix = KINDS
        .iter()
        .find(|(part, _)| template.contains(part))
        .map_or("wish", |(_, prefix)| *prefix);
    template
        .replace("{id}", &absent_id(prefix))
        .replace("{purpose}", "membership")
        .replace("{kind}", "roster")
}

/// A body with all required fields; rules that the document does not spell out come from
/// `corrected`.
pub fn body(operation: &str, document: &Value, schema: &Value) -> Value {
    let mut body = value("", document, schema);
    if let (Some(fields), Some(better)) = (body.as_object_mut(), corrected(operation).as_object()) {
        fields.extend(better.clone());
    }
    body
}

fn corrected(operation: &str) -> Value {
    match operation {
        "POST /admin/persons/{id}/reveals" => json!({ "fields": ["name"] }),
        "POST /admin/stations" => json!({ "services": ["water"] }),
        "POST /admin/staff-invitations" => json!({ "role": "cadre", "district": DISTRICT }),
        "POST /admin/voucher-batches/{id}/recalls" => json!({ "all": true }),
        "POST /admin/tasks/{id}/assignment" => json!({ "target": absent_id("acct") }),
        "POST /stations/{id}/reports" => json!({ "kind": "found_shut" }),
        _ => Value::Null,
    }
}

fn value(field: &str, document: &Value, schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document
            .pointer(reference.trim_start_matches('#'))
            .expect("a schema");
        return value(field, document, target);
    }
    if let Some(example) = schema.get("example").or_else(|| schema["enum"].get(0)) {
        return example.clone();
    }
    match schema["type"].as_str() {
        Some("object") => object(document, schema),
        Some("array") => json!([value(field, document, &schema["items"])]),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        _ => text(field, schema["format"].as_str()),
    }
}

fn object(document: &Value, schema: &Value) -> Value {
    let required = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let field = |name: &str| {
        (
            name.to_owned(),
            value(name, document, &schema["properties"][name]),
        )
    };
    Value::Object(required.map(field).collect::<Map<_, _>>())
}

fn text(field: &str, format: Option<&str>) -> Value {
    let today = local_time::date_of(SystemClock.now());
    match (field, format) {
        (_, Some("date")) => json!(today),
        ("validFrom", _) => json!(local_time::rfc3339(SystemClock.now())),
        (_, Some("date-time")) => {
            json!(local_time::rfc3339(SystemClock.now() + TimeDelta::days(1)))
        }
        ("taskId", _) => json!(absent_id("task")),
        ("stationId" | "stationIds", _) => json!(absent_id("stn")),
        ("slotId", _) => json!(absent_id("slot")),
        ("sessionId", _) => json!(absent_id("csess")),
        ("campaignId", _) => json!(absent_id("camp")),
        ("parentId", _) => json!(absent_id("union")),
        ("photoIds", _) => json!(absent_id("upl")),
        ("district" | "districts", _) => json!(DISTRICT),
        _ => json!("合乎格式的文字"),
    }
}
