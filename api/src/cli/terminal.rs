//! Talking to the person, or the pipe, that started the command.

use std::{
    error::Error,
    fmt::Display,
    io::{self, Write},
};

/// One line, or several, to stdout.
pub(super) fn say(text: impl Display) -> io::Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        // The reader has read enough: `niangjia config | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// An error with its causes to stderr. Without stderr nobody can be told.
pub(super) fn complain(error: &(dyn Error + Send + Sync)) {
    let mut text = format!("niangjia: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!("\n  because: {error}"));
        cause = error.source();
    }
    let _ = writeln!(io::stderr().lock(), "{text}");
}
