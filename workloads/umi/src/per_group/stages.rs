//! The pass: every thread takes whole groups, and holds what it makes of them until the last byte is written.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use plimsoll_workload::Context;

use super::assign::{Template, assign};
use super::cutter::{Cutter, Group, Groups, Owned};
use super::turns::Turns;
use crate::bam::{Record, RecordProblem, Tags, molecule_tag, with_molecule};
use crate::bgzf::Deflater;
use crate::error::Error;
use crate::job::{Grouped, Job};
use crate::metrics::Metrics;
use crate::pipeline::{Pass, Pool, Segment, Stages, grouped_file, run};
use crate::records::{discard, open};
use crate::settings::{Settings, Strategy};

struct PerGroup<'a> {
    path: &'a Path,
    settings: &'a Settings,
    context: &'a Context,
    turns: Turns,
    metrics: Mutex<Metrics>,
    cutter: PhantomData<Cutter<'a>>,
}

/// Groups the job's file.
pub(crate) fn group(job: &Job<'_>) -> Result<Grouped, Error> {
    let opened = open(job.input)?;
    let (context, settings) = (job.context, job.settings);
    let mut output = grouped_file(job.output, &opened.header, settings.level)?;
    let pass = Pass {
        context,
        // Not in the ledger: what waits of it is in that of the queues.
        pool: &Pool::new(None),
        level: settings.level,
        queues: Some(job.ledger.part("queues")),
        buffers: None,
    };
    let stages = PerGroup {
        path: job.input,
        settings,
        context,
        turns: Turns::default(),
        metrics: Mutex::default(),
        cutter: PhantomData,
    };
    let cutter = Cutter::new(job.input, &opened.header, context);
    let (_, waiting) = run(
        &stages,
        &pass,
        (opened.rest, opened.runs),
        &mut output,
        cutter,
    )?;
    let metrics = stages.metrics.into_inner();
    Ok(Grouped {
        metrics: metrics.unwrap_or_else(PoisonError::into_inner),
        molecules: stages.turns.given(),
        output_bytes: output.commit()?,
        queue_peak: waiting.peak,
        spilled: 0,
    })
}

/// A group with the texts of its molecules.
struct Assigned {
    /// Templates with the texts of their molecules, in the order of the output.
    by_molecule: Vec<(String, Owned)>,
    used: u64,
}

impl<'a> Stages for PerGroup<'a> {
    type Cutter = Cutter<'a>;
    type Job = Groups;

    fn bytes(groups: &Groups) -> u64 {
        groups.iter().map(|group| group.bytes).sum()
    }

    fn cut(&self, cutter: &mut Cutter<'a>, segment: Segment) -> Result<Vec<Groups>, Error> {
        cutter.cut(segment)
    }

    fn rest(&self, cutter: &mut Cutter<'a>) -> Result<Vec<Groups>, Error> {
        cutter.rest()
    }

    fn make(&self, number: u64, groups: Groups, out: &mut Deflater) -> Result<(), Error> {
        let (assigned, mut base) = self.turns.take(number, || {
            let _stage = self.context.stage("assign");
            let mut metrics = Metrics::default();
            let assigned: Vec<Assigned> = groups
                .into_iter()
                .map(|group| self.assign(group, &mut metrics))
                .collect::<Result<_, _>>()?;
            let mut all = self.metrics.lock().unwrap_or_else(PoisonError::into_inner);
            all.merge(&metrics);
            let used = assigned.iter().map(|group| group.used).sum();
            Ok((assigned, used))
        })?;
        for group in assigned {
            out.push(&serialized(&group, base)?)?;
            base += group.used;
        }
        Ok(())
    }
}

impl PerGroup<'_> {
    fn assign(&self, group: Group, metrics: &mut Metrics) -> Result<Assigned, Error> {
        let failed =
            |name: &[u8], problem| Error::record(self.path, group.first_record, name, problem);
        let mut kept = Vec::new();
        let mut umis = Vec::new();
        for template in group.templates {
            let umi = self
                .umi(&template, metrics)
                .map_err(|problem| failed(&template.name, problem))?;
            if let Some(umi) = umi {
                kept.push(template);
                umis.push(umi);
            }
        }
        let (texts, used) = assign(&umis, self.settings)
            .map_err(|(template, problem)| failed(&kept[template].name, problem))?;
        // Templates with their places in the group.
        let mut by_mi: HashMap<String, Vec<(usize, Owned)>> = HashMap::with_capacity(kept.len());
        for (text, template) in texts.into_iter().zip(kept.into_iter().enumerate()) {
            by_mi.entry(text).or_default().push(template);
        }
        let mut keys: Vec<String> = by_mi.keys().cloned().collect();
        keys.sort_by_key(|text| sort_key(text));
        let mut by_molecule = Vec::with_capacity(keys.len());
        let mut families = Vec::new();
        // Two texts have one key where a number without a strand meets one with: their templates mix.
        for same in keys.chunk_by(|one, next| sort_key(one) == sort_key(next)) {
            let mut family: Vec<(String, usize, Owned)> = Vec::new();
            for text in same {
                let templates = by_mi.remove(text).unwrap_or_default().into_iter();
                family.extend(templates.map(|(place, template)| (text.clone(), place, template)));
            }
            family.sort_by(|one, other| (&one.2.name, one.1).cmp(&(&other.2.name, other.1)));
            families.push(family.len() as u64);
            by_molecule.extend((family.into_iter()).map(|(text, _, template)| (text, template)));
        }
        metrics.group(families.into_iter());
        Ok(Assigned { by_molecule, used })
    }

    /// What a template's molecule depends on; nothing for one that is left out.
    fn umi(&self, owned: &Owned, metrics: &mut Metrics) -> Result<Option<Template>, RecordProblem> {
        let mut template = crate::records::Template::default();
        let with_end = self.settings.strategy == Strategy::Paired;
        for bytes in owned.records() {
            let record = Record::new(bytes)?;
            template.take(&record, &Tags::of(&record)?, with_end)?;
        }
        let records = template.reads().count() as u64;
        if let Some(why) = discard(&template, self.settings) {
            metrics.discard(why, records);
            return Ok(None);
        }
        metrics.accepted += records;
        Ok(Some(Template {
            // A character a byte: what is no text keeps its order too.
            umi: template
                .umi()
                .iter()
                .map(|byte| char::from(*byte))
                .collect(),
            orientation: template.orientation(),
            r1_first: template.r1_first(),
        }))
    }
}

/// What the output is sorted by: numbers, and with strands twice the number, and one more for B.
fn sort_key(text: &str) -> u64 {
    let number = |text: &str| text.parse::<u64>().unwrap_or(u64::MAX);
    match text.split_once('/') {
        Some((text, "A")) => 2 * number(text),
        Some((text, _)) => 2 * number(text) + 1,
        None => number(text),
    }
}

/// All records of a group with their `MI`, in one buffer.
fn serialized(group: &Assigned, base: u64) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    let mut pool: HashMap<&str, String> = HashMap::new();
    for (text, template) in &group.by_molecule {
        let molecule = pool.entry(text).or_insert_with(|| {
            let (number, strand) = text.split_at(text.find('/').unwrap_or(text.len()));
            let number = number.parse::<u64>().unwrap_or_default();
            format!("{}{strand}", base + number)
        });
        let mut tag = Vec::new();
        molecule_tag(&mut tag, |tag| tag.extend_from_slice(molecule.as_bytes()));
        for record in template.records() {
            let has_one = Record::new(record)
                .and_then(|record| Tags::of(&record))
                .is_ok_and(|tags| tags.molecule);
            with_molecule(record, has_one, &tag, |piece| {
                out.extend_from_slice(piece);
                Ok::<(), Error>(())
            })?;
        }
    }
    Ok(out)
}
