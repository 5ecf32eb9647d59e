//! What a build holds is told by name, no more of anything than was estimated, and off the account in the end.

use std::sync::{Arc, Mutex};

use super::super::{
    Account, Builder, Estimate, Index, Means, Params, Part, Resources, Shape, Width,
};
use super::generated;

/// What was held of each part at most, and is now.
type Figures = [(i64, i64); Part::ALL.len()];

fn keeping() -> (Account, Arc<Mutex<Figures>>) {
    let figures = Arc::new(Mutex::new(Figures::default()));
    let account = Account::new({
        let figures = Arc::clone(&figures);
        move |part, change| {
            let (most, now) = &mut figures.lock().unwrap()[part as usize];
            *now += change;
            assert!(*now >= 0, "{part:?}");
            *most = (*most).max(*now);
        }
    });
    (account, figures)
}

#[test]
fn a_build_tells_what_it_holds_as_it_was_estimated() {
    for (builder, len, dim, m, width) in [
        (Builder::Batches, 4000, 96, 16, Width::Eight),
        (Builder::Batches, 3000, 130, 6, Width::Four),
        (Builder::Leaves, 9000, 64, 12, Width::Eight),
        (Builder::Leaves, 300, 16, 48, Width::Eight),
        (Builder::Batches, 1, 8, 2, Width::Eight),
    ] {
        let params = Params {
            m,
            ef_construction: 50,
            width,
            ..Params::default()
        };
        let resources = Resources {
            threads: 2,
            block: 1 << 20,
        };
        let (account, figures) = keeping();
        let means = Means {
            account,
            ..resources.into()
        };
        let rows = generated(len, dim);
        let index = match builder {
            Builder::Batches => Index::build_with(&rows, params, means, None, &mut |_| ()),
            Builder::Leaves => Index::build_in_bulk(&rows, params, means, &mut |_| ()),
        };
        let index = index.unwrap();
        let shape = Shape {
            len,
            dim,
            m,
            ef_construction: 50,
            builder,
            width,
        };
        let told = Estimate::of_build(shape, resources).unwrap();
        let memory = index.memory();
        let all = *figures.lock().unwrap();
        for (part, (most, now)) in Part::ALL.into_iter().zip(all) {
            let (estimated, left) = match part {
                Part::Codes => (told.codes, memory.codes),
                Part::Sides => (told.sides, memory.sides),
                Part::Level0 => (told.level0, memory.level0),
                Part::Upper => (told.upper, memory.upper),
                Part::Threads => (told.threads, 0),
                Part::Block => (told.block, 0),
                Part::Batch => (told.batch, 0),
                Part::Leaves => (told.leaves, 0),
                Part::Repair => (told.repair, 0),
            };
            assert_eq!(now as u64, left, "{part:?}");
            // Who does how much of a batch is chance, and each keeps the room that it ever needed.
            let chance = if part == Part::Batch { 2 } else { 1 };
            let most_of = estimated * chance;
            assert!(most as u64 <= most_of, "{part:?}: {most} of {most_of}");
            let is_used = match part {
                Part::Leaves => builder == Builder::Leaves,
                Part::Batch => len > 1,
                _ => true,
            };
            assert_eq!(most > 0, is_used, "{part:?}");
        }
        drop(index);
        assert!(figures.lock().unwrap().iter().all(|(_, now)| *now == 0));
    }
}
