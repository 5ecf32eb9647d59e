#![allow(missing_docs, clippy::all, clippy::unwrap_used, clippy::print_stdout)]
use plimsoll_segments::{Inputs, Params, archive::*, verify::verify};
use plimsoll_workload::Context;
use std::path::Path;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let inputs = Inputs::open(Path::new(&args[2])).unwrap();
    let path = Path::new(&args[3]);
    let context = Context::recording(Path::new("/tmp"));
    match args[1].as_str() {
        "compress" => {
            let file = ArchiveFile::create(path).unwrap();
            let settings = Params {
                level: 17,
                ..Params::default()
            }
            .settings()
            .unwrap();
            plimsoll_segments::bounded::compress(file, &inputs, &settings, &context).unwrap();
        }
        "verify" => {
            verify(path, &inputs, &context).unwrap();
            println!("{:?}", context.recorded_digest("logical"));
        }
        "decompress" => {
            struct Nothing(u64);
            impl RecordSink for Nothing {
                type Error = std::convert::Infallible;
                fn sample(&mut self, _: &[u8]) -> Result<(), Self::Error> {
                    Ok(())
                }
                fn record(&mut self, _: &[u8]) -> Result<(), Self::Error> {
                    Ok(())
                }
                fn sequence(&mut self, b: &[u8]) -> Result<(), Self::Error> {
                    self.0 += b.len() as u64;
                    Ok(())
                }
            }
            let mut n = Nothing(0);
            Archive::open(path).unwrap().decompress(&mut n).unwrap();
            println!("{}", n.0);
        }
        "prepare" => Inputs::prepare(
            &Params {
                preset: plimsoll_segments::Preset::Yeast10,
                ..Params::default()
            },
            Path::new(&args[2]),
        )
        .unwrap(),
        _ => {}
    }
    let s = std::fs::read_to_string("/proc/self/status").unwrap();
    println!("{}", s.lines().find(|l| l.starts_with("VmHWM")).unwrap());
}
