//! The page's charts, each for a wide and for a narrow window.

use super::super::plots::{
    Lines, PlotError, categories, course, distribution, floor_chart, floor_reading, series_class,
    stacked, swatch, timelines,
};
use super::super::words::floor::floors;
use super::super::{Report, format, text};

/// Width of drawings for wide windows, in pixels.
pub(super) const WIDE: u32 = 1000;
/// Width of drawings for narrow ones.
pub(super) const NARROW: u32 = 460;

/// A chart in both widths, of which the style shows one.
pub(super) struct Chart {
    pub(super) wide: String,
    pub(super) narrow: String,
}

/// A colour and what it stands for.
pub(super) struct Key {
    pub(super) class: String,
    pub(super) opacity: f64,
    pub(super) name: String,
    pub(super) figure: String,
}

/// A chart with its key and how to read it.
pub(super) struct Explained {
    pub(super) title: &'static str,
    pub(super) chart: Chart,
    pub(super) keys: Vec<Key>,
    pub(super) reading: String,
}

/// All charts of the page that there is anything for.
pub(super) struct Charts {
    pub(super) timelines: Option<Explained>,
    pub(super) distributions: Vec<Explained>,
    pub(super) stacked: Option<Explained>,
    pub(super) floors: Option<Explained>,
    /// What the bars show, over time; by variant.
    pub(super) courses: Vec<(String, Chart)>,
}

impl Charts {
    /// Draws them.
    pub(super) fn draw(report: &Report) -> Result<Charts, PlotError> {
        let mut distributions = Vec::new();
        for (name, title) in [("wall", "Elapsed time"), ("cpu", "CPU time")] {
            distributions.extend(scatter(report, name, title)?);
        }
        Ok(Charts {
            timelines: memory(report)?,
            distributions,
            stacked: bars(report)?,
            floors: floor_searches(report)?,
            courses: courses(report)?,
        })
    }
}

fn memory(report: &Report) -> Result<Option<Explained>, PlotError> {
    let Some(lines) = Lines::of(report) else {
        return Ok(None);
    };
    let keys = report
        .variants
        .iter()
        .enumerate()
        .filter_map(|(place, variant)| {
            let timeline = variant.timeline.as_ref()?;
            (!timeline.samples.is_empty()).then_some(Key {
                class: series_class(place),
                opacity: 1.0,
                name: text::line(&variant.id, text::LABEL),
                figure: format!("peak {}", format::bytes(timeline.peak as f64)),
            })
        });
    let reading = format!(
        "Lines are samples of the clock trial with the highest peak of each variant; a ring is the \
         kernel's exact peak, which decides; a dot is the end. {}",
        lines.reading()
    );
    Ok(Some(Explained {
        title: "Resident memory over time",
        keys: keys.collect(),
        reading,
        chart: Chart {
            wide: timelines(&lines, WIDE)?,
            narrow: timelines(&lines, NARROW)?,
        },
    }))
}

fn scatter(
    report: &Report,
    name: &str,
    title: &'static str,
) -> Result<Option<Explained>, PlotError> {
    let wide = distribution(report, name, WIDE)?;
    let narrow = distribution(report, name, NARROW)?;
    let Some((wide, narrow)) = wide.zip(narrow) else {
        return Ok(None);
    };
    Ok(Some(Explained {
        title,
        keys: Vec::new(),
        reading: wide.reading,
        chart: Chart {
            wide: wide.svg,
            narrow: narrow.svg,
        },
    }))
}

fn floor_searches(report: &Report) -> Result<Option<Explained>, PlotError> {
    let Some((wide, narrow)) = floor_chart(report, WIDE)?.zip(floor_chart(report, NARROW)?) else {
        return Ok(None);
    };
    let keys = floors(report).map(|(place, variant, floor)| Key {
        class: series_class(place),
        opacity: 1.0,
        name: text::line(&variant.id, text::LABEL),
        figure: floor.edges(),
    });
    Ok(Some(Explained {
        title: "The smallest memory cap that is enough",
        keys: keys.collect(),
        reading: floor_reading(report),
        chart: Chart { wide, narrow },
    }))
}

fn bars(report: &Report) -> Result<Option<Explained>, PlotError> {
    let Some((wide, narrow)) = stacked(report, WIDE)?.zip(stacked(report, NARROW)?) else {
        return Ok(None);
    };
    let names = categories(report);
    let number = names.len();
    let keys = names.into_iter().enumerate().map(|(place, name)| {
        let (class, opacity) = swatch(place, number);
        Key {
            class,
            opacity,
            name,
            figure: String::new(),
        }
    });
    Ok(Some(Explained {
        title: "Where the memory is at the peak",
        keys: keys.collect(),
        reading: "Each bar is one variant's own resident memory, written at its right; bars of \
                  different variants have the same length whatever their size. What reaches beyond \
                  100 % is allocated but was never touched."
            .into(),
        chart: Chart { wide, narrow },
    }))
}

fn courses(report: &Report) -> Result<Vec<(String, Chart)>, PlotError> {
    let categories = categories(report);
    let mut charts = Vec::new();
    for variant in &report.variants {
        let reconciliation = variant.reconciliation.as_ref();
        let Some(reconciliation) = reconciliation.filter(|it| it.refused.is_none()) else {
            continue;
        };
        let draw = |width| course(&variant.id, reconciliation, &categories, width);
        if let Some((wide, narrow)) = draw(WIDE)?.zip(draw(NARROW)?) {
            charts.push((text::line(&variant.id, text::LABEL), Chart { wide, narrow }));
        }
    }
    Ok(charts)
}
