//! The page of a rule: fixed headings, and a parameter table made from the declarations.

use std::fmt::Write as _;

use crate::RuleInfo;

/// The written parts of a rule's page, each as Markdown. Parameters are not among them: they are declared once.
#[derive(Debug, Clone, Copy)]
pub struct RuleDoc {
    /// What it checks.
    pub checks: &'static str,
    /// Why that matters.
    pub why_it_matters: &'static str,
    /// The exact condition, as a formula.
    pub condition: &'static str,
    /// Which tensors must be saved, how often.
    pub required_tensors: &'static str,
    /// How to attach it.
    pub example: &'static str,
    /// Where the condition and the advice come from.
    pub references: &'static str,
}

pub(crate) fn render(rule: &RuleInfo) -> String {
    let doc = &rule.doc;
    let sections = [
        ("Checks", doc.checks.to_owned()),
        ("Why it matters", doc.why_it_matters.to_owned()),
        ("Condition", doc.condition.to_owned()),
        ("Parameters", parameters(rule)),
        ("Required tensors", required_tensors(rule)),
        ("Example", doc.example.to_owned()),
        ("References", doc.references.to_owned()),
    ];
    let mut page = format!("# {}\n\n{}.\n", rule.name, rule.summary);
    for (heading, text) in sections {
        // Writing to a string cannot fail.
        let _ = write!(page, "\n## {heading}\n\n{}\n", text.trim_matches('\n'));
    }
    page
}

fn parameters(rule: &RuleInfo) -> String {
    let mut table = "| Name | Type | Default | Accepts | Meaning |\n|---|---|---|---|---|".to_owned();
    for info in rule.parameters() {
        let default = info.kind.default_text().map_or_else(|| "none".to_owned(), |text| format!("`{text}`"));
        let row = [info.name, info.kind.name(), &default, &info.kind.range(), info.doc]
            .map(|cell| cell.replace('|', "\\|"));
        let [name, kind, default, range, meaning] = row;
        let _ = write!(table, "\n| `{name}` | {kind} | {default} | {range} | {meaning} |");
    }
    table
}

fn required_tensors(rule: &RuleInfo) -> String {
    let mut text = rule.doc.required_tensors.trim_matches('\n').to_owned();
    for collection in rule.default_collections {
        let _ = write!(
            text,
            "\n\nSaved for it by default: collection `{}`, every {} steps.",
            collection.name, collection.save_interval
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::rules;

    #[test]
    fn every_page_has_the_seven_headings_in_order_and_something_under_each() {
        for rule in rules() {
            let page = rule.page();
            let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
            assert_eq!(
                headings,
                [
                    "Checks",
                    "Why it matters",
                    "Condition",
                    "Parameters",
                    "Required tensors",
                    "Example",
                    "References"
                ],
                "{}",
                rule.name
            );
            assert!(page.split("\n## ").all(|section| section.lines().nth(2).is_some()), "{}", rule.name);
            // Indented, so that it is shown as code.
            assert!(page.contains("\n## Example\n\n    trialscope rules "), "{}", rule.name);
            assert!(page.contains("| `start_step` | integer |"), "{}", rule.name);
        }
    }
}
