//! Slices of a file in memory, taken and kept while it is written to and grows.

use std::os::unix::fs::FileExt;
use std::thread;

use super::*;

/// How often a file is doubled: Miri looks at some millions of steps a second.
const GROWTHS: u8 = if cfg!(miri) { 4 } else { 8 };

#[test]
fn slices_stay_while_a_file_outgrows_its_mappings() {
    let file = tempfile::tempfile().unwrap();
    file.set_len(4096).unwrap();
    let (mapping, mut pen) = Mapping::reaching(&file, 0..0, 4096).unwrap();
    let mut slices = Vec::new();
    let mut end = 0;
    for growth in 0..GROWTHS {
        let held = 4096 << growth;
        file.set_len(held).unwrap();
        pen.extend(&file, held).unwrap();
        pen.write(end, &vec![growth; (held - end) as usize])
            .unwrap();
        assert!(mapping.bytes(end..held).is_none());
        pen.sync(end..held).unwrap();
        pen.seal(held);
        slices.push((growth, mapping.bytes(end..held).unwrap()));
        end = held;
    }
    assert!(mapping.progress.newest() > 1);
    mapping.release(0..end);
    for (growth, slice) in slices {
        assert!(slice.iter().all(|byte| *byte == growth));
    }
    let mut read = vec![0; end as usize];
    file.read_exact_at(&mut read, 0).unwrap();
    assert_eq!(mapping.bytes(0..end).unwrap(), read);
}

#[test]
fn only_sealed_bytes_are_read_and_only_others_written() {
    let file = tempfile::tempfile().unwrap();
    file.set_len(8192).unwrap();
    let (mapping, mut pen) = Mapping::reaching(&file, 4096..4196, 0).unwrap();
    assert_eq!(mapping.bytes(4096..4196).map(<[u8]>::len), Some(100));
    for (start, end) in [
        (0, 4096),
        (4095, 4100),
        (4100, 4197),
        (4190, 4100),
        (9000, 9000),
    ] {
        assert!(
            mapping.bytes(Range { start, end }).is_none(),
            "{start}..{end}"
        );
    }
    for (at, length) in [(4090, 7), (4096, 1), (4195, 10), (8190, 3), (u64::MAX, 2)] {
        assert!(pen.write(at, &vec![1; length]).is_err(), "{at}, {length}");
    }
    pen.write(0, &[1; 4096]).unwrap();
    pen.write(4196, &[1; 3996]).unwrap();
    pen.shrink(0);
    assert_eq!(pen.held(), 4196);
    pen.seal(u64::MAX);
    assert_eq!(mapping.sealed(), 4196);
    assert!(Mapping::to_read(&file, 4096..8193).is_err());
}

#[test]
fn readers_keep_what_was_sealed_while_the_pen_goes_on() {
    const STEP: u64 = 512;
    let steps = if cfg!(miri) { 24 } else { 2000 };
    let file = tempfile::tempfile().unwrap();
    file.set_len(1).unwrap();
    let (mapping, mut pen) = Mapping::reaching(&file, 0..0, 1).unwrap();
    let is_step = |(bytes, step): (&[u8], u64)| bytes.iter().all(|byte| *byte == step as u8);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut kept: Vec<&[u8]> = Vec::new();
                while kept.len() < steps as usize {
                    let sealed = mapping.sealed();
                    let known = kept.len() as u64;
                    for step in known..sealed / STEP {
                        kept.push(mapping.bytes(step * STEP..(step + 1) * STEP).unwrap());
                    }
                    // Written a moment ago, and at first.
                    assert!(
                        kept.iter()
                            .copied()
                            .zip(0..)
                            .skip(known as usize)
                            .all(is_step)
                    );
                    assert!(kept.first().is_none_or(|first| is_step((*first, 0))));
                    thread::yield_now();
                }
                assert!(kept.into_iter().zip(0..).all(is_step));
            });
        }
        for step in 0..steps {
            let (at, end) = (step * STEP, (step + 1) * STEP);
            file.set_len(end).unwrap();
            pen.extend(&file, end).unwrap();
            pen.write(at, &[step as u8; STEP as usize]).unwrap();
            pen.seal(end);
        }
    });
    assert!(mapping.progress.newest() > 3);
}
