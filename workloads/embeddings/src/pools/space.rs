//! The memory that blocks take, when they are all in use and after many have come and gone.

use plimsoll_workload::{Context, Failure};

use super::kinds::Kind;
use super::params::Params;
use super::random::Random;

/// Sizes of blocks, of which each is to have as many bytes in use as any other.
pub(super) const MIXED: [usize; 10] = [96, 192, 384, 768, 1536, 3072, 6144, 12_288, 24_576, 47_104];

/// What some blocks take, beside what they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    /// Bytes of the blocks.
    pub(super) live: u64,
    /// Anonymous resident memory more than before.
    pub(super) resident: u64,
    /// Bytes of a pool's slabs and of what it keeps about them.
    pub(super) mapped: Option<u64>,
}

/// Takes as many blocks of one size as are [`fill_bytes`](Params::fill_bytes).
pub(super) fn filled<K: Kind>(
    params: &Params,
    context: &Context,
    before: u64,
) -> Result<Taken, Failure> {
    let blocks = K::of(params.chunk_size)?;
    let count = (params.fill_bytes / params.chunk_size).max(1);
    let mut held = Vec::with_capacity(count);
    for number in 0..count {
        let mut block = blocks.take(number as u64)?;
        blocks.touch(&mut block);
        held.push(block);
    }
    let list = (count * size_of::<K::Block>()) as u64;
    let taken = Taken {
        live: (count * params.chunk_size) as u64,
        resident: resident(context)?.saturating_sub(before + list),
        mapped: blocks
            .settle()
            .map(|stats| stats.mapped + stats.bookkeeping),
    };
    held.into_iter().for_each(|block| blocks.give(block));
    blocks.settle();
    Ok(taken)
}

/// Blocks of mixed sizes: fills, gives half of them back at random, fills again, and so on.
pub(super) fn fragmented<K: Kind>(
    params: &Params,
    context: &Context,
    before: u64,
) -> Result<Taken, Failure> {
    let kinds: Vec<K> = MIXED.into_iter().map(K::of).collect::<Result<_, _>>()?;
    let mut random = Random::of(params.seed, 1 << 60);
    // One in so many words is a block of a size; small ones come more often, by as much as they are smaller.
    let shares: Vec<usize> = MIXED.into_iter().map(|size| (1 << 20) / size).collect();
    let of_all = shares.iter().sum();
    let mut held: Vec<(usize, K::Block)> = Vec::with_capacity(params.fill_bytes / 512);
    let mut live = 0;
    for round in 0..=params.rounds {
        while live < params.fill_bytes {
            let mut picked = random.below(of_all);
            let size = shares.iter().position(|share| {
                let here = picked < *share;
                picked = picked.saturating_sub(*share);
                here
            });
            let size = size.unwrap_or_default();
            let mut block = kinds[size].take(round.into())?;
            kinds[size].touch(&mut block);
            live += MIXED[size];
            held.push((size, block));
        }
        if round < params.rounds {
            let mut at = 0;
            while at < held.len() {
                if random.word() & 1 == 0 {
                    at += 1;
                    continue;
                }
                let (size, block) = held.swap_remove(at);
                kinds[size].give(block);
                live -= MIXED[size];
            }
        }
    }
    let stats: Option<Vec<_>> = kinds.iter().map(Kind::settle).collect();
    let mapped = stats.map(|all| {
        all.iter()
            .map(|stats| stats.mapped + stats.bookkeeping)
            .sum()
    });
    let list = (held.len() * size_of::<(usize, K::Block)>()) as u64;
    let taken = Taken {
        live: live as u64,
        resident: resident(context)?.saturating_sub(before + list),
        mapped,
    };
    for (size, block) in held {
        kinds[size].give(block);
    }
    Ok(taken)
}

/// Anonymous resident memory.
pub(super) fn resident(context: &Context) -> Result<u64, Failure> {
    let bytes = context.resident_anonymous().map(|bytes| bytes.0);
    bytes.ok_or_else(|| {
        Failure::Other(
            "the system does not tell resident memory (RssAnon of /proc/self/status)".to_owned(),
        )
    })
}
