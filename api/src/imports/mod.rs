//! Imports over HTTP: a file is handed in, looked at, and taken in the background.

mod cadre;
mod form;
mod template;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(cadre::create_import)
        .service(cadre::list_imports)
        .service(template::get_import_template)
        .service(cadre::get_import);
}
