//! Whether instructions can be counted, and by whom.

use super::finding::DoctorFinding;
use crate::evidence::CountedBy;
use crate::observe::instructions::{InstructionCounter, NoCounter};

pub(super) fn finding() -> DoctorFinding {
    let path = std::env::var_os("PATH").unwrap_or_default();
    told(
        &InstructionCounter::find(Some(CountedBy::Perf), &path),
        &InstructionCounter::find(Some(CountedBy::Valgrind), &path),
    )
}

type Found = Result<InstructionCounter, NoCounter>;

fn told(perf: &Found, valgrind: &Found) -> DoctorFinding {
    let what = "instructions";
    match (perf, valgrind) {
        (Ok(_), Ok(_)) => DoctorFinding::good(what, "counted by the processor, or by valgrind"),
        (Ok(_), Err(_)) => DoctorFinding::good(what, "counted by the processor"),
        (Err(why), Ok(_)) => DoctorFinding::limited(
            what,
            format!("counted by valgrind, some 10 to 50 times slower; {why}"),
            "name a small size in `measure: { instructions: { size: ... } }`; where it is the kernel that forbids: sysctl kernel.perf_event_paranoid=2 (as root)",
        ),
        (Err(why), Err(_)) => DoctorFinding::missing(
            what,
            format!("nobody counts them: {why}, and valgrind is not installed"),
            "install valgrind; counts do not vary as times do, and gate even on a noisy machine",
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::observe::doctor::State;

    #[test]
    fn valgrind_stands_in_for_the_processor() {
        let no = || Err(NoCounter::Perf("no counters".to_owned()));
        let perf = || Ok(InstructionCounter::Perf);
        let valgrind = || Ok(InstructionCounter::Valgrind(PathBuf::new()));
        assert_eq!(told(&perf(), &no()).state, State::Good);
        let second = told(&no(), &valgrind());
        assert_eq!(second.state, State::Limited);
        assert!(second.detail.ends_with("; no counters"), "{second:?}");
        let none = told(&no(), &Err(NoCounter::Valgrind));
        assert_eq!(none.state, State::Missing);
        assert!(none.advice.unwrap().contains("install valgrind"));
    }
}
