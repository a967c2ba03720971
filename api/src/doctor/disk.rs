//! Room in the data folder.

use std::path::Path;

use super::Finding;

const ABOUT: &str = "disk";
const GIB: u64 = 1 << 30;
const MEND: &str = "free some space or move NIANGJIA_DATA_DIR; a full disk stops every write";

pub(super) fn examine(data_dir: &Path) -> Finding {
    // Before the first start the folder is not there yet: its parent has the space.
    let Some(folder) = data_dir.ancestors().find(|folder| folder.exists()) else {
        return Finding::ok(ABOUT, format!("{} does not exist yet", data_dir.display()));
    };
    let figures = match rustix::fs::statvfs(folder) {
        Ok(figures) => figures,
        Err(error) => {
            return Finding::warn(
                ABOUT,
                format!("cannot look at {}: {error}", folder.display()),
                MEND,
            );
        }
    };
    let free = figures.f_bavail.saturating_mul(figures.f_frsize);
    let text = format!(
        "{:.1} GiB free at {}",
        free as f64 / GIB as f64,
        folder.display()
    );
    match free {
        ..GIB => Finding::fail(ABOUT, text, MEND),
        _ if free < 5 * GIB => Finding::warn(ABOUT, text, MEND),
        _ => Finding::ok(ABOUT, text),
    }
}
