//! The processor's name and frequency governor.

use std::fs;

/// The processor's model: the first of many places that names it. Virtual machines and processors
/// other than Intel's and AMD's leave the usual one empty.
pub(super) fn model(brand: &str) -> String {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    named(brand)
        .or_else(|| of_cpuinfo(&cpuinfo))
        .or_else(|| read("/sys/firmware/devicetree/base/model"))
        .or_else(|| read("/sys/class/dmi/id/product_name").map(|name| format!("of {name}")))
        .unwrap_or_else(|| format!("unknown {} processor", std::env::consts::ARCH))
}

/// The frequency governor of the first processor, where it has one.
pub(crate) fn governor() -> Option<String> {
    read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
}

fn read(path: &str) -> Option<String> {
    named(&fs::read_to_string(path).ok()?)
}

/// A name that says something.
fn named(text: &str) -> Option<String> {
    let text: Vec<_> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let text = text.join(" ");
    let says = text.chars().any(char::is_alphabetic) && !text.eq_ignore_ascii_case("unknown");
    says.then_some(text)
}

fn of_cpuinfo(text: &str) -> Option<String> {
    let field = |name: &str| {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.trim() == name).then(|| value.trim().to_owned())
        })
    };
    // x86 and MIPS; older ARM; POWER; some ARM boards.
    ["model name", "Processor", "cpu", "cpu model", "Hardware"]
        .iter()
        .find_map(|name| named(&field(name)?))
        .or_else(|| {
            let vendor = field("vendor_id")?;
            let (family, model) = (field("cpu family")?, field("model")?);
            Some(format!("{vendor} family {family} model {model}"))
        })
        .or_else(|| {
            let part = field("CPU part")?;
            Some(format!(
                "ARM implementer {} part {part}",
                field("CPU implementer")?
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_that_says_something_wins() {
        let x86 = "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 26\nmodel\t\t: 2\nmodel name\t: AMD EPYC\n";
        assert_eq!(of_cpuinfo(x86).unwrap(), "AMD EPYC");
        let nameless = x86.replace("AMD EPYC", "unknown");
        assert_eq!(
            of_cpuinfo(&nameless).unwrap(),
            "AuthenticAMD family 26 model 2"
        );
        let arm = "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n";
        assert_eq!(of_cpuinfo(arm).unwrap(), "ARM implementer 0x41 part 0xd0c");
        assert_eq!(of_cpuinfo("processor : 0\n"), None);
    }

    #[test]
    fn there_is_always_a_name() {
        assert!(!model("").is_empty());
        assert_eq!(model("  A  CPU \n"), "A CPU");
    }
}
