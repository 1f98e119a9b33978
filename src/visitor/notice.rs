//! The public notice of one site in one language, built from the policy in force: sections that a page and a program both read.

use super::words::{Language, fill};
use crate::model::NoticeHash;
use crate::policy::{Consent, Facts, FormMode, Identity, MediaMode, MetaMode, TextMode, UrlMode};
use crate::store::Site;
use serde::Serialize;

/// One heading and what stands under it.
#[derive(Debug, Serialize)]
pub struct Section {
    /// Names the section in every language.
    pub id: &'static str,
    pub heading: String,
    pub text: Vec<String>,
    pub list: Vec<String>,
}

/// Something that the recorder keeps in the browser.
#[derive(Debug, Serialize)]
pub struct Kept {
    pub key: String,
    pub kind: String,
    pub purpose: String,
    pub time: String,
}

/// Why nothing is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Silence {
    Paused,
    NoPurpose,
}

/// The whole notice.
#[derive(Debug, Serialize)]
pub struct Notice {
    pub site: String,
    pub key: String,
    pub origins: Vec<String>,
    pub language: Language,
    /// `null` while the site is recorded.
    pub silent: Option<Silence>,
    pub policy_version: u32,
    pub policy_hash: String,
    pub policy_saved_at: i64,
    pub facts: Facts,
    /// Names the facts; each recording carries it.
    pub notice: NoticeHash,
    /// Names these words.
    pub text_hash: NoticeHash,
    pub title: String,
    pub lead: String,
    pub sections: Vec<Section>,
    pub storage: Vec<Kept>,
    pub link: String,
    /// For the site's own banner.
    pub paste: String,
}

impl Notice {
    /// The notice of `site` as served from `base`.
    pub fn of(site: &Site, language: Language, base: &str) -> Self {
        let facts = Facts::of(&site.policy.policy);
        let words = language.words();
        let silent = match (site.paused, site.records()) {
            (true, _) => Some(Silence::Paused),
            (false, false) => Some(Silence::NoPurpose),
            (false, true) => None,
        };
        let title = fill(&words.page.title, &[("site", &site.name)]);
        let origins: Vec<String> = site.origins.iter().map(ToString::to_string).collect();
        let sections = sections(site, &facts, silent, &origins, language, base);
        let storage = storage(site, &facts, language);
        let said = (&title, &words.page.lead, &sections, &storage, &words.rights.receipt);
        let text_hash = NoticeHash::of(&serde_json::to_vec(&said).expect("sentences are JSON"));
        let link = link(site, base);
        Self {
            site: site.name.clone(),
            key: site.key.to_string(),
            origins,
            language,
            silent,
            policy_version: site.policy.number,
            policy_hash: site.policy.hash.to_string(),
            policy_saved_at: site.policy.saved_at.0,
            notice: facts.hash(),
            facts,
            text_hash,
            title,
            lead: words.page.lead.clone(),
            sections,
            storage,
            paste: paste(site, language, base),
            link,
        }
    }
}

/// The notice's address.
pub fn link(site: &Site, base: &str) -> String {
    format!("{base}/privacy/{}", site.key)
}

/// The sentence that a site puts beside its banner.
pub fn paste(site: &Site, language: Language, base: &str) -> String {
    let link = link(site, base);
    fill(&language.words().paste.sentence, &[("site", &site.name), ("link", &link)])
}

fn sections(
    site: &Site,
    facts: &Facts,
    silent: Option<Silence>,
    origins: &[String],
    language: Language,
    base: &str,
) -> Vec<Section> {
    let words = language.words();
    let section = |id, heading: &String, text: Vec<String>, list: Vec<&String>| Section {
        id,
        heading: heading.clone(),
        text,
        list: list.into_iter().cloned().collect(),
    };
    let who = section(
        "who",
        &words.who.heading,
        vec![fill(&words.who.text, &[("site", &site.name)]), words.who.origins.clone()],
        origins.iter().collect(),
    );
    let host = base.split_once("://").map_or(base, |(_, host)| host);
    let storage = section(
        "storage",
        &words.storage.heading,
        vec![
            fill(&words.storage.days, &[("days", &facts.retention_days.to_string())]),
            fill(&words.storage.server, &[("server", host)]),
        ],
        vec![],
    );
    let browser = section("browser", &words.browser.heading, vec![words.browser.lead.clone()], vec![]);
    let rights = &words.rights;
    let (access, receipt) = match facts.identity {
        Identity::None | Identity::Visit => (&rights.access, &rights.receipt),
        Identity::Visitor => (&rights.access_visitor, &rights.receipt_visitor),
    };
    let rights = section(
        "rights",
        &rights.heading,
        vec![],
        vec![&rights.withdraw, &rights.object, access, &rights.restrict, receipt],
    );
    if let Some(silence) = silent {
        let why = match silence {
            Silence::Paused => &words.silent.paused,
            Silence::NoPurpose => &words.silent.purpose,
        };
        let silent = section("silent", &words.silent.heading, vec![why.clone(), words.silent.earlier.clone()], vec![]);
        return vec![silent, who, storage, rights];
    }
    let identity = match facts.identity {
        Identity::None => vec![words.identity.none.clone()],
        Identity::Visit => vec![words.identity.visit.clone(), words.identity.pseudonym.clone()],
        Identity::Visitor => vec![words.identity.visitor.clone(), words.identity.pseudonym.clone()],
    };
    let gpc = if facts.gpc { &words.consent.gpc_on } else { &words.consent.gpc_off };
    let dnt = if facts.dnt { &words.consent.dnt_on } else { &words.consent.dnt_off };
    let consent = match facts.consent {
        Consent::Required => &words.consent.required,
        Consent::ByCountry => &words.consent.by_country,
        Consent::NotRequired => &words.consent.not_required,
    };
    let never = &words.never;
    let never = [&never.passwords, &never.sensitive, &never.marked, &never.frames, &never.clipboard, &never.ip];
    vec![
        who,
        section("purpose", &words.purpose.heading, vec![facts.purpose.clone()], vec![]),
        Section { list: recorded(facts, language), ..section("recorded", &words.recorded.heading, vec![], vec![]) },
        section("never", &words.never.heading, vec![], never.to_vec()),
        section("consent", &words.consent.heading, vec![consent.clone(), gpc.clone(), dnt.clone()], vec![]),
        section("identity", &words.identity.heading, identity, vec![]),
        storage,
        browser,
        rights,
    ]
}

/// What is recorded, one sentence a kind. No `_`: a new mode must not compile until somebody says it in every language.
fn recorded(facts: &Facts, language: Language) -> Vec<String> {
    let words = &language.words().recorded;
    let mut said = vec![&words.visit];
    said.push(match facts.text {
        TextMode::Mask => &words.text_mask,
        TextMode::Redact => &words.text_redact,
        TextMode::Show => &words.text_show,
    });
    if facts.text_exceptions {
        said.push(&words.text_exceptions);
    }
    said.push(match facts.forms {
        FormMode::Off => &words.forms_off,
        FormMode::Masked => &words.forms_masked,
        FormMode::Record => &words.forms_record,
    });
    if facts.attributes {
        said.push(&words.attributes);
    }
    said.push(match facts.media {
        MediaMode::Block => &words.media_block,
        MediaMode::SameOrigin => &words.media_same_origin,
        MediaMode::Show => &words.media_show,
    });
    said.push(match facts.urls {
        UrlMode::Listed => &words.urls_listed,
        UrlMode::Generalised => &words.urls_generalised,
        UrlMode::Path => &words.urls_path,
    });
    said.push(&words.errors);
    said.extend(match facts.console {
        MetaMode::Off => None,
        MetaMode::Meta => Some(&words.console_meta),
        MetaMode::Redact => Some(&words.console_redact),
    });
    said.extend(match facts.network {
        MetaMode::Off => None,
        MetaMode::Meta => Some(&words.network_meta),
        MetaMode::Redact => Some(&words.network_redact),
    });
    if facts.some_pages {
        said.push(&words.some_pages);
    }
    let filled = [("sample", facts.sample.to_string()), ("minutes", facts.max_minutes.to_string())];
    let fill = |sentence: &String| fill(sentence, &filled.each_ref().map(|(name, value)| (*name, value.as_str())));
    let mut said: Vec<String> = said.into_iter().cloned().collect();
    if facts.sample < 100 {
        said.push(fill(&words.sample));
    }
    said.push(fill(&words.minutes));
    said
}

/// What the recorder writes: `visit.ts` keeps the first, `send.ts` the second, `index.ts` the third, `who.ts` the visitor's, `compat/smartsupp.ts` and `banner.ts` the others where they are.
fn storage(site: &Site, facts: &Facts, language: Language) -> Vec<Kept> {
    let words = &language.words().browser;
    let kept = |key: String, kind: &String, purpose: &String, time: &String| Kept {
        key,
        kind: kind.clone(),
        purpose: purpose.clone(),
        time: time.clone(),
    };
    let tab_purpose = match facts.identity {
        Identity::None | Identity::Visitor => &words.tab_purpose,
        Identity::Visit => &words.visit_purpose,
    };
    let mut all = vec![
        kept(format!("hushreel.{}", site.key), &words.session, tab_purpose, &words.tab_time),
        kept(format!("hushreel.{}.erase", site.key), &words.session, &words.erase_purpose, &words.erase_time),
    ];
    all.push(kept("hush-objection".to_owned(), &words.local, &words.objection_purpose, &words.objection_time));
    if facts.identity == Identity::Visitor {
        let key = format!("hushreel.{}.visitor", site.key);
        all.push(kept(key, &words.local, &words.visitor_purpose, &words.visitor_time));
    }
    if facts.smartsupp {
        all.push(kept("hushreel.off".to_owned(), &words.session, &words.off_purpose, &words.off_time));
    }
    if facts.banner {
        all.push(kept("hush-consent".to_owned(), &words.local, &words.banner_purpose, &words.banner_time));
    }
    all
}
