//! A run: space first, on a fresh heap, then time.

use plimsoll_workload::{Context, Failure};

use super::churn::churn;
use super::kinds::{Aligned, Kind};
use super::measures;
use super::params::Params;
use super::space::{filled, fragmented, resident};

/// Turns that time is measured in: this implementation's and the aligned system allocator's, one after the other.
const TURNS: u64 = 9;

/// Runs one implementation.
pub(super) fn run<K: Kind>(params: &Params, context: &Context) -> Result<(), Failure> {
    params.check()?;
    let before = resident(context)?;
    let filled = context.phase("fill", || filled::<K>(params, context, before))?;
    let fragmented = context.phase("fragment", || fragmented::<K>(params, context, before))?;
    measures::report_space(context, filled, fragmented);
    let (own, aligned) = (K::of(params.chunk_size)?, Aligned::of(params.chunk_size)?);
    let operations = params.operations.div_ceil(TURNS);
    let mut turns = Vec::new();
    let mut words = 0_u64;
    context.phase("replace", || {
        for turn in 0..TURNS {
            let own = churn(&own, params, context.threads(), operations, turn)?;
            let aligned = churn(&aligned, params, context.threads(), operations, turn)?;
            if own.words != aligned.words {
                return Err(Failure::Other(
                    "blocks do not hold what was written to them".to_owned(),
                ));
            }
            turns.push((own.cpu_ns, aligned.cpu_ns));
            words = words.wrapping_add(own.words);
        }
        Ok(())
    })?;
    measures::report_churn(context, &turns, words);
    Ok(())
}
