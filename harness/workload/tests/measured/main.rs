//! One binary in two roles: a program of the protocol, made by the macro that users have, and the tests that run it as
//! the harness would and look at what it leaves behind.
#![allow(clippy::unwrap_used, reason = "a test, though with a main of its own")]

mod fixture;
mod heap;
mod profile;
mod reports;
mod run;
mod verbs;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use plimsoll_workload::{Registry, env};

plimsoll_workload::install!();

fn main() -> ExitCode {
    if std::env::var_os(env::WORKLOAD).is_some() || std::env::var_os(run::AS_PROGRAM).is_some() {
        return Registry::new()
            .with::<fixture::Fixture>()
            .with::<fixture::Other>()
            .main(std::env::args_os().skip(1));
    }
    let tests = heap::TESTS
        .iter()
        .chain(profile::TESTS)
        .chain(reports::TESTS)
        .chain(verbs::TESTS)
        .map(|&(name, test)| {
            Trial::test(name, move || {
                test();
                Ok(())
            })
        });
    let python = std::process::Command::new("python3")
        .arg("--version")
        .output()
        .is_ok();
    let tests =
        tests.chain([
            Trial::test("the_documented_python_program_speaks_the_protocol", || {
                verbs::documented_python_program();
                Ok(())
            })
            .with_ignored_flag(!python),
        ]);
    libtest_mimic::run(&Arguments::from_args(), tests.collect()).exit_code()
}
