//! The description of this machine.

use std::path::Path;

use plimsoll_workload::cgroups;
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

use super::cpu;
use crate::evidence::{CapsKind, Machine};

/// Describes this machine; `caps` is how memory caps will be enforced on it.
pub fn describe(caps: CapsKind) -> Machine {
    let system = System::new_with_specifics(
        RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing())
            .with_memory(MemoryRefreshKind::everything()),
    )
    .ok();
    let figure = |of: fn(&System) -> u64| system.as_ref().map_or(0, of);
    let cpus = system.as_ref().map_or(&[][..], |system| system.cpus());
    let mut machine = Machine {
        cpu: cpu::model(cpus.first().map_or("", |cpu| cpu.brand())),
        cores: std::thread::available_parallelism()
            .map_or(1, |n| u32::try_from(n.get()).unwrap_or(u32::MAX)),
        memory: figure(System::total_memory),
        available: available(figure(System::available_memory)),
        swap: figure(System::total_swap),
        kernel: System::kernel_version().unwrap_or_else(|_| "unknown".to_owned()),
        os: System::long_os_version().unwrap_or_else(|_| std::env::consts::OS.to_owned()),
        arch: std::env::consts::ARCH.to_owned(),
        governor: cpu::governor(),
        load: System::load_average().map_or(0.0, |load| load.one),
        caps,
        page_size: page_size(),
        plimsoll: env!("CARGO_PKG_VERSION").to_owned(),
        debug_build: cfg!(debug_assertions),
        fingerprint: String::new(),
    };
    machine.fingerprint = fingerprint(&machine);
    machine
}

/// Bytes that can be allocated now without swapping: what the system says is available, or what is
/// left under the limit of the cgroup that the harness itself lives in, whichever is less.
pub fn memory_available() -> u64 {
    let kind = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    available(System::new_with_specifics(kind).map_or(0, |system| system.available_memory()))
}

fn available(of_machine: u64) -> u64 {
    cgroups::room(Path::new("/")).map_or(of_machine, |room| room.min(of_machine))
}

/// A hash of what makes figures comparable: processor, its count, memory to the nearest GiB (the
/// kernel's own share of it varies from boot to boot), architecture, kernel series, distribution.
fn fingerprint(machine: &Machine) -> String {
    let series: Vec<_> = machine.kernel.split('.').take(2).collect();
    let gib = machine.memory.saturating_add(1 << 29) >> 30;
    let identity = [
        machine.cpu.as_str(),
        &machine.cores.to_string(),
        &gib.to_string(),
        &machine.arch,
        &series.join("."),
        &machine.os,
    ]
    .join("\n");
    blake3::hash(identity.as_bytes()).to_hex()[..16].to_owned()
}

fn page_size() -> u64 {
    #[cfg(unix)]
    {
        rustix::param::page_size() as u64
    }
    #[cfg(not(unix))]
    {
        4096
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_described() {
        let machine = describe(CapsKind::Sampled);
        assert!(machine.cores >= 1);
        assert!(machine.available > 0 && machine.available <= machine.memory);
        assert!(machine.page_size.is_power_of_two());
        assert_eq!(machine.caps, CapsKind::Sampled);
        assert!(!machine.cpu.is_empty() && !machine.kernel.is_empty());
    }

    #[test]
    fn the_fingerprint_holds_still_on_one_machine_and_moves_with_it() {
        let machine = describe(CapsKind::Sampled);
        let later = Machine {
            available: 1,
            load: 9.0,
            memory: machine.memory - (machine.memory % (1 << 30)) + (1 << 28),
            ..machine.clone()
        };
        let same = Machine {
            memory: later.memory + 4096,
            load: 0.1,
            ..later.clone()
        };
        assert_eq!(fingerprint(&later), fingerprint(&same));
        let other = Machine {
            cpu: "another".to_owned(),
            ..machine.clone()
        };
        assert_ne!(fingerprint(&machine), fingerprint(&other));
    }
}
