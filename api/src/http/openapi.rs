//! The OpenAPI 3.1 document, from the code. What holds for every operation is added here once:
//! problem answers, the idempotency key, the bearer scheme, operation ids.

use actix_web::App;
use serde_json::{Value, json};
use utoipa::openapi::{OpenApi, OpenApiBuilder};
use utoipa_actix_web::AppExt;

use crate::http::routes;

/// The document of this build.
pub fn document() -> Value {
    let (_, document) = App::new()
        .into_utoipa_app()
        .openapi(head())
        .configure(routes::configure)
        .split_for_parts();
    complete(serde_json::to_value(document).unwrap_or_default())
}

fn head() -> OpenApi {
    let info = utoipa::openapi::InfoBuilder::new()
        .title("Niangjia 娘家")
        .description(Some(
            "Backend of the trade unions' mini-program: membership, micro-wishes, meal vouchers, health checks.",
        ))
        .version(env!("CARGO_PKG_VERSION"))
        .build();
    OpenApiBuilder::new().info(info).build()
}

fn complete(mut document: Value) -> Value {
    document["components"]["securitySchemes"] =
        json!({ "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } });
    document["components"]["schemas"]["Problem"] = problem_schema();
    let Some(paths) = document["paths"].as_object_mut() else {
        return document;
    };
    for item in paths.values_mut().filter_map(Value::as_object_mut) {
        for operation in item.values_mut().filter(|value| value.is_object()) {
            complete_operation(operation);
        }
    }
    document
}

fn complete_operation(operation: &mut Value) {
    let takes_body = operation.get("requestBody").is_some();
    let signed_in = operation.get("security").is_some();
    let idempotent = operation.get("x-idempotent").is_some();
    let mut statuses = vec!["400", "404", "429", "500", "503"];
    if signed_in {
        statuses.extend(["401", "403"]);
    }
    if takes_body || idempotent {
        statuses.extend(["409", "413", "415", "422"]);
    }
    if idempotent {
        add_key_parameter(operation);
    }
    let Some(responses) = operation["responses"].as_object_mut() else {
        return;
    };
    for status in statuses {
        responses.entry(status).or_insert_with(|| {
            json!({ "description": "Problem document",
                    "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } })
        });
    }
}

fn add_key_parameter(operation: &mut Value) {
    let key = json!({
        "name": "Idempotency-Key", "in": "header", "required": true,
        "description": "1 to 255 visible characters, unique per action; a repetition gets the first answer again.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" }
    });
    match operation["parameters"].as_array_mut() {
        Some(parameters) => parameters.push(key),
        None => operation["parameters"] = json!([key]),
    }
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "RFC 9457 problem document",
        "required": ["type", "title", "status", "detail", "code", "traceId"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string", "description": "Chinese; says the next step" },
            "code": { "type": "string", "description": "stable, snake_case" },
            "traceId": { "type": "string" },
            "errors": { "type": "array", "items": {
                "type": "object", "required": ["field", "code", "detail"],
                "properties": { "field": { "type": "string" }, "code": { "type": "string" }, "detail": { "type": "string" } }
            } }
        }
    })
}
