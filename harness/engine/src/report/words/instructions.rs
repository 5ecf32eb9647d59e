//! Instructions counted, variant by variant, in the words that all renderers use.

use crate::report::{Metric, MetricValue, Report, VariantReport, format, text};

/// What was counted of one variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InstructionRow {
    /// The variant's id.
    pub(crate) id: String,
    /// The count, or `absent`.
    pub(crate) count: String,
    /// By how much it is more or less than the baseline's; empty where there is nothing to compare.
    pub(crate) difference: String,
    /// How often it was counted, by whom, and how much the counts varied; or why there is none.
    pub(crate) said: String,
}

impl Report {
    /// The title of what was counted, and a row for each variant; none where nothing was to be
    /// counted.
    pub(crate) fn instructions(&self) -> Option<(String, Vec<InstructionRow>)> {
        let size = self.instructions_at.as_ref()?;
        let title = format!("Instructions, at size {}", text::line(size, text::LABEL));
        let rows = self.variants.iter().map(row).collect();
        Some((title, rows))
    }
}

fn row(variant: &VariantReport) -> InstructionRow {
    let id = text::line(&variant.id, text::LABEL);
    let absent = |why: &str| InstructionRow {
        id: id.clone(),
        count: "absent".to_owned(),
        difference: String::new(),
        said: text::line(why, text::SENTENCE),
    };
    match variant.metrics.get("instructions") {
        Some(Metric::Value(value)) => InstructionRow {
            count: value.figure_text(),
            difference: variant
                .relative
                .get("instructions")
                .map_or_else(String::new, |relative| finely(relative.ratio - 1.0)),
            said: counted(value),
            id,
        },
        Some(Metric::Absent { absent: why }) => absent(why),
        None => absent("not counted"),
    }
}

fn counted(value: &MetricValue) -> String {
    let trials = format::counted(value.n as usize, "trial");
    let source = text::line(&value.source, text::LABEL);
    match value.n {
        0 | 1 => format!("{trials}, {source}"),
        _ if value.max <= value.min => format!("{trials}, {source}: the same each time"),
        _ => {
            let varied = 100.0 * (value.max - value.min) / value.min;
            format!("{trials}, {source}: they differ by {} %", digits(varied))
        }
    }
}

/// A share in percent with its sign, to a thousandth: counts tell variants apart that closely.
fn finely(share: f64) -> String {
    format!("{:+.3} %", 100.0 * share)
}

/// Two significant digits of a small number.
fn digits(percent: f64) -> String {
    match percent {
        p if p >= 1.0 => format!("{p:.1}"),
        p if p >= 0.01 => format!("{p:.2}"),
        p if p >= 0.000_1 => format!("{p:.4}"),
        _ => "less than 0.0001".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Aggregate;
    use crate::report::{Relative, sample};
    use plimsoll_workload::{Better, Unit};

    fn value(values: &[f64]) -> Metric {
        Metric::Value(MetricValue {
            unit: Unit::Count,
            source: "valgrind".into(),
            better: Better::Lower,
            aggregate: Aggregate::Worst,
            n: values.len() as u32,
            min: values.iter().copied().fold(f64::INFINITY, f64::min),
            median: values[0],
            max: values.iter().copied().fold(0.0, f64::max),
            values: values.to_vec(),
        })
    }

    #[test]
    fn every_variant_has_its_count_or_the_reason() {
        let mut report = sample::report();
        assert_eq!(report.instructions(), None);
        report.instructions_at = Some("smoke".into());
        report.variants.truncate(3);
        let set = |variant: &mut VariantReport, metric| {
            variant.metrics.insert("instructions".into(), metric);
        };
        set(&mut report.variants[0], value(&[1e6, 1e6, 1e6]));
        set(&mut report.variants[1], value(&[1_010_000.0, 1_010_020.0]));
        let ratio = Relative {
            ratio: 1.01,
            low: 1.01,
            high: 1.010_02,
            pairs: 1,
            level: 0.0,
        };
        report.variants[1]
            .relative
            .insert("instructions".into(), ratio);
        let why = "valgrind is not installed";
        set(
            &mut report.variants[2],
            Metric::Absent { absent: why.into() },
        );
        let (title, rows) = report.instructions().unwrap();
        assert_eq!(title, "Instructions, at size smoke");
        let cells = |row: &InstructionRow| format!("{}|{}|{}", row.count, row.difference, row.said);
        assert_eq!(
            cells(&rows[0]),
            "1,000,000||3 trials, valgrind: the same each time"
        );
        assert_eq!(
            cells(&rows[1]),
            "1,010,020|+1.000 %|2 trials, valgrind: they differ by 0.0020 %"
        );
        assert_eq!(cells(&rows[2]), format!("absent||{why}"));
    }
}
