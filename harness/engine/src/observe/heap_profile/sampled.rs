//! A sampled profile as the program left it, given names, in the format of the DHAT viewer.
//!
//! The viewer's fields hold estimates. Lifetimes are not sampled and stand at 0, the unit of time is
//! a sample, and a call site's own maximum is that of its figures at the peak and at the end. What
//! the format has no field for stands in fields that the viewer does not know: `sampledEvery`,
//! and, a point, `c` and `sampled`.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use plimsoll_workload::heap::profile::{Estimate, NotAProfile, SampledHeap, SampledSite};
use serde::Serialize;

use super::parse::PointSampled;
use super::symbols::Symbols;
use crate::report::format::bytes;

/// Why a sampled profile could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SampledError {
    /// What the program left is no profile.
    #[error("{0}")]
    None(#[from] NotAProfile),
    /// Nothing was sampled.
    #[error(
        "the program allocated too little for a sample in {0} bytes; profile a larger size, or set a smaller `every`"
    )]
    Empty(u64),
    /// A file could not be opened or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Reads the profile that a program left in `from`, or the processes of a command in that directory; finds the names of
/// its call sites, and writes it to `to` as a `dhat-heap.json`, which [`read_heap_profile`](super::read_heap_profile)
/// reads. Of several processes it is that of the one whose heap was the largest at its peak.
/// `command` is what was profiled. What is to be said of the profile.
///
/// # Errors
/// See [`SampledError`].
pub fn write_sampled(from: &Path, to: &Path, command: &str) -> Result<Vec<String>, SampledError> {
    let mut notes = Vec::new();
    let heap = if from.is_dir() {
        largest(from, &mut notes)?
    } else {
        SampledHeap::read_file(&File::open(from).map_err(at(from))?)?
    };
    if heap.samples == 0 {
        return Err(SampledError::Empty(heap.every));
    }
    let mut out = BufWriter::new(File::create(to).map_err(at(to))?);
    serde_json::to_writer(&mut out, &document(&heap, command))
        .map_err(io::Error::from)
        .and_then(|()| out.flush())
        .map_err(at(to))?;
    notes.extend(self::notes(&heap));
    Ok(notes)
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> SampledError {
    let path = path.to_owned();
    move |source| SampledError::Io { path, source }
}

/// The profile of the process whose heap was the largest, of all in a directory. What the others held is said.
fn largest(directory: &Path, notes: &mut Vec<String>) -> Result<SampledHeap, SampledError> {
    let mut heaps = Vec::new();
    for entry in fs::read_dir(directory).map_err(at(directory))? {
        let path = entry.map_err(at(directory))?.path();
        match SampledHeap::read_file(&File::open(&path).map_err(at(&path))?) {
            Ok(heap) => heaps.push((heap.at_peak().bytes, heap)),
            // Killed between making the file and writing to it.
            Err(NotAProfile::Unused) => {}
            Err(error) => return Err(error.into()),
        }
    }
    heaps.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let (_, heap) = heaps.pop().ok_or(NotAProfile::Unused)?;
    let others = heaps.iter().filter(|(_, heap)| heap.samples > 0).count();
    if others > 0 {
        let second = heaps.last().map_or(0.0, |(held, _)| *held);
        notes.push(format!(
            "the heap profile is of the process with the largest heap; {} held at most {}",
            match others {
                1 => "the other one".to_owned(),
                n => format!("each of the other {n}"),
            },
            bytes(second)
        ));
    }
    Ok(heap)
}

fn notes(heap: &SampledHeap) -> Vec<String> {
    let mut notes = Vec::new();
    if !heap.covers_c {
        notes.push("the heap profile has no C heap: the program is linked statically, or to another C library than glibc".to_owned());
    }
    if heap.images > 1 {
        let before = heap.images - 1;
        notes.push(format!("the heap profile is of the last of {} programs that the process was, one after the other; {before} ran before it", heap.images));
    }
    // A handful is what signal handlers do; more is want of room.
    if heap.missed > heap.samples / 100 {
        notes.push(format!(
            "the heap profile lacks {} of its samples or their frees, for want of room",
            heap.missed
        ));
    }
    notes
}

/// The file; names as in its format.
#[derive(Serialize)]
#[allow(non_snake_case, reason = "names are the format's")]
struct Document<'a> {
    dhatFileVersion: u32,
    mode: &'static str,
    verb: &'static str,
    bklt: bool,
    bkacc: bool,
    tu: &'static str,
    Mtu: &'static str,
    tuth: u64,
    cmd: &'a str,
    pid: u32,
    tg: u64,
    te: u64,
    sampledEvery: u64,
    pps: Vec<DocumentPoint>,
    ftbl: Vec<String>,
}

#[derive(Serialize)]
struct DocumentPoint {
    tb: u64,
    tbk: u64,
    tl: u64,
    mb: u64,
    mbk: u64,
    gb: u64,
    gbk: u64,
    eb: u64,
    ebk: u64,
    fs: Vec<usize>,
    c: bool,
    sampled: PointSampled,
}

fn document<'a>(heap: &SampledHeap, command: &'a str) -> Document<'a> {
    let mut frames = Frames {
        symbols: Symbols::new(&heap.maps),
        table: vec!["[root]".to_owned()],
        of_address: HashMap::new(),
    };
    Document {
        dhatFileVersion: 2,
        mode: "heap",
        verb: "Allocated",
        bklt: true,
        bkacc: false,
        tu: "samples",
        Mtu: "Msamples",
        tuth: 1,
        cmd: command,
        pid: 0,
        tg: heap.samples,
        te: heap.samples,
        sampledEvery: heap.every,
        pps: heap
            .sites
            .iter()
            .map(|site| point(site, &mut frames))
            .collect(),
        ftbl: frames.table,
    }
}

fn point(site: &SampledSite, frames: &mut Frames) -> DocumentPoint {
    let whole = |estimate: &Estimate| {
        (
            estimate.bytes.round() as u64,
            estimate.blocks.round() as u64,
        )
    };
    let (tb, tbk) = whole(&site.total);
    let (gb, gbk) = whole(&site.at_peak);
    let (eb, ebk) = whole(&site.live);
    DocumentPoint {
        tb,
        tbk,
        tl: 0,
        mb: gb.max(eb),
        mbk: gbk.max(ebk),
        gb,
        gbk,
        eb,
        ebk,
        fs: site
            .addresses
            .iter()
            .flat_map(|address| frames.of(*address))
            .collect(),
        c: site.c,
        sampled: PointSampled {
            samples: site.samples,
            gb_variance: site.at_peak.variance,
            tb_variance: site.total.variance,
        },
    }
}

/// The table of frames, and what of it stands for an address.
struct Frames {
    symbols: Symbols,
    table: Vec<String>,
    of_address: HashMap<u64, Vec<usize>>,
}

impl Frames {
    fn of(&mut self, address: u64) -> Vec<usize> {
        let indices = self.of_address.entry(address).or_insert_with(|| {
            let names = self.symbols.frames(address);
            let first = self.table.len();
            self.table.extend(names);
            (first..self.table.len()).collect()
        });
        indices.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::whole;
    use super::*;
    use crate::evidence::SampledFigures;

    fn estimate(bytes: f64, blocks: f64, error: f64) -> Estimate {
        Estimate {
            bytes,
            blocks,
            variance: error * error,
        }
    }

    fn heap() -> SampledHeap {
        let site = |c, address, at_peak| SampledSite {
            c,
            addresses: vec![address, 0x900],
            samples: 2,
            at_peak,
            live: Estimate::default(),
            total: estimate(5000.4, 7.0, 50.0),
        };
        SampledHeap {
            every: 512,
            covers_c: true,
            images: 1,
            samples: 8,
            missed: 0,
            live: 0.0,
            maps: "100-200 r-xp 0 0:0 0 /gone/a\n800-a00 r-xp 0 0:0 0 /gone/b\n".to_owned(),
            sites: vec![
                site(false, 0x110, estimate(3000.6, 4.0, 30.0)),
                site(false, 0x120, estimate(1000.0, 1.0, 40.0)),
                site(true, 0x120, estimate(200.0, 1.0, 10.0)),
                site(true, 0x5, Estimate::default()),
            ],
        }
    }

    #[test]
    fn the_file_is_read_back_with_its_errors() {
        let text = serde_json::to_vec(&document(&heap(), "a: estimates")).unwrap();
        let profile = whole(&text[..]).unwrap();
        assert_eq!(
            (profile.at_peak, profile.total, profile.allocations),
            (4201, 20_000, 28)
        );
        assert_eq!(profile.sampled_every, Some(512));
        // Of sums, variances add up.
        let errors = SampledFigures {
            samples: 8,
            at_peak_error: 50,
            total_error: 100,
        };
        assert_eq!(profile.sampled, Some(errors));
        let told: Vec<_> = profile
            .sites
            .iter()
            .map(|site| (site.c, site.at_peak, site.sampled.unwrap().at_peak_error))
            .collect();
        // Rust's two sites have the same names, or rather none, and are one; C's are apart.
        assert_eq!(told, [(false, 4001, 50), (true, 200, 10)]);
        assert!(profile.stripped);
    }

    #[test]
    fn what_the_viewer_asks_for_is_there() {
        let value = serde_json::to_value(document(&heap(), "a")).unwrap();
        // `checkFields` of Valgrind's dh_view.js, for files with block lifetimes.
        for field in [
            "dhatFileVersion",
            "mode",
            "verb",
            "bklt",
            "bkacc",
            "tu",
            "Mtu",
            "cmd",
            "pid",
            "te",
            "tg",
            "tuth",
            "pps",
            "ftbl",
        ] {
            assert!(value.get(field).is_some(), "{field}");
        }
        for field in ["tb", "tbk", "fs", "mb", "mbk", "gb", "gbk", "eb", "ebk"] {
            assert!(value["pps"][0].get(field).is_some(), "{field}");
        }
        assert_eq!(value["ftbl"][0], "[root]");
    }

    #[test]
    fn what_is_to_be_said_is_said() {
        assert_eq!(notes(&heap()), Vec::<String>::new());
        let odd = SampledHeap {
            covers_c: false,
            images: 3,
            missed: 1,
            ..heap()
        };
        let notes = notes(&odd);
        assert_eq!(notes.len(), 3);
        assert!(notes[0].contains("no C heap") && notes[1].contains("last of 3 programs"));
        assert!(notes[2].contains("lacks 1 of its samples"));
    }

    #[test]
    fn nothing_sampled_is_said_with_what_to_do() {
        let directory = tempfile::tempdir().unwrap();
        let [from, to] = ["raw", "json"].map(|name| directory.path().join(name));
        std::fs::write(&from, []).unwrap();
        let error = write_sampled(&from, &to, "a").unwrap_err().to_string();
        assert!(error.starts_with("no program has written"), "{error}");
        let directory = directory.path().join("processes");
        std::fs::create_dir(&directory).unwrap();
        std::fs::write(directory.join("12"), []).unwrap();
        let error = write_sampled(&directory, &to, "a").unwrap_err().to_string();
        assert!(error.starts_with("no program has written"), "{error}");
        let error = SampledError::Empty(512).to_string();
        assert!(error.contains("smaller `every`"), "{error}");
    }
}
