//! What the operating system says: processor time and memory, read from `/proc`.

use std::{fs, time::Duration};

/// The kernel's unit of processor time; fixed at 100 a second for everything that user space sees.
const TICKS_A_SECOND: u64 = 100;

/// Processor time of the calling thread.
pub(in crate::bench) fn thread_cpu() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split(' ').next().and_then(|field| field.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}

/// Processor time of a process and of its ended children.
pub(in crate::bench) fn process_cpu(pid: u32) -> Duration {
    stat(pid).map_or(Duration::ZERO, |stat| stat.cpu)
}

/// The same for a process and its living children: PostgreSQL is one process a connection.
pub(in crate::bench) fn family_cpu(parent: u32) -> Duration {
    let children = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = children.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let of_family = pids
        .filter_map(stat)
        .filter(|stat| stat.parent == parent)
        .map(|stat| stat.cpu);
    process_cpu(parent) + of_family.sum::<Duration>()
}

/// Resident memory now, and its peak so far, in MB.
pub(in crate::bench) fn memory(pid: u32) -> (u64, u64) {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let megabytes = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1_024)
    };
    (
        megabytes("VmRSS:").unwrap_or_default(),
        megabytes("VmHWM:").unwrap_or_default(),
    )
}

/// `Intel(R) Xeon(R) Processor × 2, 23 GB, Linux 6.1`
pub(in crate::bench) fn description() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| {
        line.strip_prefix("model name")?
            .split_once(": ")
            .map(|(_, name)| name)
    });
    let cores = cpu
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes = memory
        .split_whitespace()
        .nth(1)
        .and_then(|field| field.parse::<u64>().ok())
        .unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!(
        "{} × {cores}, {} GB, Linux {}",
        model.unwrap_or("?"),
        kilobytes >> 20,
        kernel.trim()
    )
}

struct Stat {
    parent: u32,
    cpu: Duration,
}

fn stat(pid: u32) -> Option<Stat> {
    parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The name may hold spaces and brackets; what follows its last bracket does not.
fn parse(line: &str) -> Option<Stat> {
    let fields: Vec<_> = line.rsplit_once(") ")?.1.split(' ').collect();
    let ticks = fields
        .get(11..15)?
        .iter()
        .map(|field| field.parse::<u64>().unwrap_or_default())
        .sum::<u64>();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        cpu: Duration::from_millis(ticks * 1_000 / TICKS_A_SECOND),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_that_of_the_process_and_its_ended_children() {
        let line = "42 (a) b) S 7 1 1 0 -1 0 0 0 0 0 100 50 20 5 20 0 1 0 9";
        let stat = parse(line).unwrap();
        assert_eq!((stat.parent, stat.cpu), (7, Duration::from_millis(1_750)));
        assert!(process_cpu(std::process::id()) <= family_cpu(std::process::id()));
    }

    #[test]
    fn memory_is_read() {
        let (now, peak) = memory(std::process::id());
        assert!(0 < now && now <= peak);
    }
}
