//! Caps where no cgroup may be made: the supervisor kills what it sees above the limit. It says how
//! a trial ended, and proves nothing about how much would have been enough.

use std::path::PathBuf;

use super::leaf::{self, Backend, CapsError, Leaf};
use crate::evidence::{CapEvidence, CapsKind};
use crate::run::thrash::Pressure;

/// No cgroup at all.
#[derive(Debug)]
pub(super) struct Sampled;

impl Backend for Sampled {
    fn kind(&self) -> CapsKind {
        CapsKind::Sampled
    }

    fn leaf(&self, _name: &str, limit: u64) -> Result<Box<dyn Leaf>, CapsError> {
        Ok(Box::new(SampledLeaf { limit }))
    }

    fn sweep(&self) -> usize {
        0
    }
}

#[derive(Debug)]
struct SampledLeaf {
    limit: u64,
}

impl Leaf for SampledLeaf {
    fn procs(&self) -> Option<PathBuf> {
        None
    }

    fn oom_kills(&self) -> u64 {
        0
    }

    fn pressure(&self) -> Pressure {
        Pressure {
            refaults: None,
            stalled: leaf::machine_stalled(),
        }
    }

    fn evidence(&self) -> CapEvidence {
        CapEvidence {
            kind: "sampled".to_owned(),
            limit: self.limit,
            peak: None,
            oom_kills: 0,
        }
    }
}
