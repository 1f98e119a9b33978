//! On how many pages each rule of a site's policies matched something: one that never does hides nothing.

use crate::error::Result;
use crate::policy::Policy;
use rusqlite::Connection;

/// Rules that are counted; what stands behind them is not.
const RULES_MAX: usize = 100;

/// What one batch said of the policy's rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RulesSeen {
    /// It was a page's first word about them.
    pub first: bool,
    /// The places of those that matched.
    pub matched: Vec<u32>,
}

/// One rule, looked for on a page or found there later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    key: &'static str,
    selector: String,
    looked: bool,
    matched: bool,
}

/// How often a rule was looked for and matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hits {
    pub key: String,
    pub selector: String,
    pub looked: u64,
    pub matched: u64,
}

impl RulesSeen {
    /// By the rules of the policy that the batch was captured under.
    pub fn counted(&self, policy: &Policy) -> Vec<Counted> {
        let rules = policy.rules().take(RULES_MAX).zip(0_u32..);
        rules
            .map(|((key, selector), place)| {
                let matched = self.matched.contains(&place);
                Counted { key, selector: selector.to_owned(), looked: self.first, matched }
            })
            .filter(|one| one.looked || one.matched)
            .collect()
    }
}

pub fn add(db: &Connection, site_id: i64, rules: &[Counted]) -> Result<()> {
    for Counted { key, selector, looked, matched } in rules {
        db.prepare_cached(
            "insert into rule_hit (site_id, key, selector, looked, matched) values (?1, ?2, ?3, ?4, ?5)
             on conflict do update set looked = looked + excluded.looked, matched = matched + excluded.matched",
        )?
        .execute((site_id, key, selector, looked, matched))?;
    }
    Ok(())
}

/// What was counted of each rule of a site.
pub fn list(db: &Connection, site_id: i64) -> Result<Vec<Hits>> {
    let mut statement = db.prepare_cached(
        "select key, selector, looked, matched from rule_hit where site_id = ?1 order by key, selector",
    )?;
    let rows = statement.query_map([site_id], |row| {
        Ok(Hits { key: row.get(0)?, selector: row.get(1)?, looked: row.get(2)?, matched: row.get(3)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
