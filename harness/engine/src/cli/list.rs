//! `plimsoll list`: what there is to run, what targets can name, and what was saved.

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use tabled::builder::Builder;
use tabled::settings::peaker::Priority;
use tabled::settings::{Style, Width};

use super::args::{ListArgs, Listing};
use super::entry::print;
use super::failure::CliFailure;
use super::files::{DEFAULT_DIRECTORY, scenario_files};
use super::load::{load_all, programs_here};
use crate::evidence::METRICS;
use crate::judge::ExitCode;
use crate::report::{detect_style, format, stored};
use crate::scenario::{WorkloadInfo, WorkloadRef, Workloads};

/// Lists scenarios, workloads, metrics or saved baselines.
pub(super) fn list(args: &ListArgs, out: &mut dyn Write) -> Result<ExitCode, CliFailure> {
    let mut text = String::new();
    if matches!(args.what, Listing::All | Listing::Scenarios) {
        // Without any scenario at hand, the workloads are still worth listing.
        let nothing_here =
            args.paths.is_empty() && !std::path::Path::new(DEFAULT_DIRECTORY).is_dir();
        if args.what == Listing::Scenarios || !nothing_here {
            text.push_str(&scenarios(args)?);
        }
    }
    if matches!(args.what, Listing::All | Listing::Workloads) {
        text.push_str(&workloads()?);
    }
    if args.what == Listing::Metrics {
        text.push_str(&metrics());
    }
    if args.what == Listing::Baselines {
        text.push_str(&baselines(&args.out)?);
    }
    print(out, &text)
}

fn baselines(out: &Path) -> Result<String, CliFailure> {
    let saved = stored::baselines(out).map_err(|error| CliFailure::usage(error.to_string()))?;
    if saved.is_empty() {
        return Ok(format!(
            "no baseline is saved in {}: `plimsoll run SCENARIO --save-baseline NAME` saves one\n",
            out.display()
        ));
    }
    let rows = saved.iter().flat_map(|baseline| {
        baseline.results.iter().map(|result| {
            vec![
                baseline.name.clone(),
                result.scenario.clone(),
                result.subject().size_and_part(),
                result.started.clone(),
                result.machine.fingerprint.clone(),
            ]
        })
    });
    Ok(table(
        &["baseline", "scenario", "size", "begun", "machine"],
        rows,
    ))
}

fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut builder = Builder::default();
    builder.push_record(header.iter().copied());
    for row in rows {
        builder.push_record(row);
    }
    let mut table = builder.build();
    table.with(Style::blank()).with(
        Width::wrap(detect_style().width)
            .keep_words(true)
            .priority(Priority::max(true)),
    );
    format!("{table}\n")
}

fn scenarios(args: &ListArgs) -> Result<String, CliFailure> {
    let files = scenario_files(&args.paths)?;
    let scenarios = load_all(&files, &programs_here()?)?;
    let rows = files.iter().zip(&scenarios).map(|(file, scenario)| {
        let sizes: Vec<_> = scenario
            .sizes
            .iter()
            .map(|size| size.name.as_str())
            .collect();
        let variants: Vec<_> = scenario.variants.iter().map(|v| v.id.as_str()).collect();
        vec![
            file.display().to_string(),
            scenario.about.clone(),
            sizes.join(", "),
            variants.join(", "),
        ]
    });
    Ok(table(&["scenario", "about", "sizes", "variants"], rows))
}

fn workloads() -> Result<String, CliFailure> {
    let programs = programs_here()?;
    let mut text = String::new();
    for name in programs.builtin() {
        let info = programs
            .describe(&WorkloadRef::Builtin(name.clone()))
            .map_err(CliFailure::unmeasured)?;
        let _ = writeln!(text, "\nworkload {name}");
        let rows = info
            .implementations
            .iter()
            .map(|offered| vec![offered.id.clone(), offered.about.clone()]);
        text.push_str(&table(&["implementation", "about"], rows));
        text.push_str(&table(
            &["parameter", "default", "about"],
            parameters(&info),
        ));
    }
    Ok(text)
}

fn parameters(info: &WorkloadInfo) -> Vec<Vec<String>> {
    let about = |name: &str| {
        let described = &info.params_schema["properties"][name]["description"];
        described.as_str().unwrap_or_default().replace('\n', " ")
    };
    info.defaults
        .iter()
        .map(|(name, default)| vec![name.clone(), default.to_string(), about(name)])
        .collect()
}

fn metrics() -> String {
    let rows = METRICS.iter().map(|metric| {
        vec![
            metric.name.to_owned(),
            format::unit_name(metric.unit).to_owned(),
            metric.source.to_owned(),
            metric.about.to_owned(),
        ]
    });
    let mut text = table(&["metric", "unit", "source", "about"], rows);
    text.push_str(
        "\nPhases add phase.NAME.wall and phase.NAME.peak_rss; steps add step.NAME.wall, step.NAME.cpu and \
         step.NAME.peak_rss; workloads add what they report.\n",
    );
    text
}
