//! The machine's own count of out-of-memory kills, caps included (`/proc/vmstat`).

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The count, through one open file.
#[derive(Debug)]
pub(crate) struct MachineKills(Option<File>);

impl MachineKills {
    /// That of the machine whose file system this is: `/`, or a directory made for a test.
    pub(crate) fn open(root: &Path) -> Self {
        MachineKills(File::open(root.join("proc/vmstat")).ok())
    }

    /// The count so far; 0 where the kernel keeps none.
    pub(crate) fn count(&self) -> u64 {
        // The kernel gives such files in pieces of a page.
        let (mut text, mut length) = ([0; 16 * 1024], 0);
        while let Some(file) = &self.0
            && let Ok(count @ 1..) = file.read_at(&mut text[length..], length as u64)
        {
            length += count;
        }
        let text = String::from_utf8_lossy(&text[..length]);
        let line = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
        line.and_then(|count| count.parse().ok()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_count_is_the_kernels() {
        let text = std::fs::read_to_string("/proc/vmstat").unwrap();
        let kills = MachineKills::open(Path::new("/"));
        if text
            .lines()
            .any(|line| line == format!("oom_kill {}", kills.count()))
        {
            return;
        }
        // A kill of somebody else's in between, or a kernel that does not count.
        let again = std::fs::read_to_string("/proc/vmstat").unwrap();
        assert!(again != text || !text.contains("\noom_kill "), "{text}");
    }
}
