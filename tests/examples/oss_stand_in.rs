//! Runs the OSS stand-in until its standard input ends, for clients that are not Rust. Prints its
//! address.

use std::io::{Read, Write};

use niangjia_tests::oss_stand_in::OssStandIn;

fn main() -> std::io::Result<()> {
    let server = OssStandIn::start();
    let mut out = std::io::stdout();
    writeln!(out, "{}", server.endpoint)?;
    out.flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
