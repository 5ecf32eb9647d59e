//! Values that are one of a few words.

use crate::evidence::{Aggregate, CountedBy, Outcome};
use crate::scenario::define::{choices, choices_schema};
use crate::scenario::{Allocator, InputCache};

choices! { Allocator, "an allocator" {
    "system" => Allocator::System;
    "mimalloc" => Allocator::Mimalloc;
    "jemalloc" => Allocator::Jemalloc;
}}
choices_schema! { Allocator, "allocator" {
    "system", "The C library's.";
    "mimalloc", "mimalloc, loaded into the program from a library.";
    "jemalloc", "jemalloc, loaded into the program from a library.";
}}

choices! { InputCache, "a page-cache state" {
    "warm" => InputCache::Warm;
    "dropped" => InputCache::Dropped;
}}
choices_schema! { InputCache, "page-cache-state" {
    "warm", "Read once before, so that they are cached.";
    "dropped", "Dropped from the page cache, where permitted.";
}}

choices! { CountedBy, "a way to count instructions" {
    "perf" => CountedBy::Perf;
    "valgrind" => CountedBy::Valgrind;
}}

choices! { Aggregate, "a way to aggregate" {
    "worst" => Aggregate::Worst;
    "median" => Aggregate::Median;
}}

choices! { Outcome, "an outcome" {
    "completed" => Outcome::Completed;
    "refused" => Outcome::Refused;
    "failed" => Outcome::Failed;
    "crashed" => Outcome::Crashed;
    "out-of-memory" => Outcome::OutOfMemory;
    "stalled" => Outcome::Stalled;
    "timed-out" => Outcome::TimedOut;
    "interrupted" => Outcome::Interrupted;
}}
