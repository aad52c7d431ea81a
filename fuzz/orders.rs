//! An API with one collection, whose records can have any members.

use standin::diagnostics::SourceFile;
use standin::openapi::ApiFolder;

const CONTRACT: &str = r##"
openapi: 3.0.0
info: {title: orders, version: "1"}
paths:
  /orders:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
      responses: {"201": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}
  /orders/{id}:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}}
    delete: {responses: {"204": {description: gone}}}
components:
  schemas:
    Order: {type: object, properties: {id: {type: string}, item: {type: string}, count: {type: integer}, due_on: {type: string, format: date}, lines: {}}}
"##;

/// The contract without other files.
pub(crate) fn folder() -> ApiFolder {
    ApiFolder { contracts: vec![SourceFile::new("orders.yaml", CONTRACT)], ..ApiFolder::default() }
}
