//! Reconciliations in one sentence.

use crate::report::{Reconciliation, Report, VariantReport, format, text};

impl Report {
    /// The variants whose memory was reconciled, or was to be.
    pub(crate) fn reconciled(&self) -> impl Iterator<Item = (&VariantReport, &Reconciliation)> {
        let variants = self.variants.iter();
        variants.filter_map(|variant| Some((variant, variant.reconciliation.as_ref()?)))
    }
}

impl Reconciliation {
    /// The ledger, the three largest lines outside it, the rest.
    pub(crate) fn in_short(&self) -> String {
        if let Some(refused) = &self.refused {
            return format!("not reconciled: {}", text::line(refused, text::SENTENCE));
        }
        let resident = self.resident as f64;
        let share = |bytes: i64| format::percent(bytes as f64 / resident.max(1.0));
        let ledger = self.lines.iter().filter(|line| line.ledger);
        let ledger: i64 = ledger.map(|line| line.bytes).sum();
        let mut others: Vec<_> = self.lines.iter().filter(|line| !line.ledger).collect();
        others.sort_by_key(|line| -line.bytes.abs());
        let mut parts = vec![format!("ledger {}", share(ledger))];
        for line in others.iter().take(3).filter(|line| line.bytes != 0) {
            parts.push(format!(
                "{} {}",
                text::line(&line.what, text::LABEL),
                share(line.bytes)
            ));
        }
        let rest: i64 = others.iter().skip(3).map(|line| line.bytes).sum();
        if rest != 0 {
            parts.push(format!("other {}", share(rest)));
        }
        parts.push(format!("remainder {}", share(self.remainder)));
        format!("{} = {}", format::bytes(resident), parts.join(" + "))
    }
}
