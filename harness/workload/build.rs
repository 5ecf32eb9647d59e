//! Compiles the few lines of C that the counting needs where it covers the C heap.

fn main() {
    const SOURCE: &str = "src/heap/storage.c";
    println!("cargo::rerun-if-changed={SOURCE}");
    let target = |what: &str| std::env::var(format!("CARGO_CFG_TARGET_{what}"));
    if target("OS").as_deref() == Ok("linux") && target("ENV").as_deref() == Ok("gnu") {
        cc::Build::new().file(SOURCE).compile("plimsoll_storage");
    }
}
