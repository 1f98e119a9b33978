//! Records of processing (GDPR, Art. 30) of a site, from its running settings.

use super::shown::{ALWAYS, NEVER, Shown, shown};
use super::{Language, NOTICE, Running, code, plain, time};
use crate::error::Result;
use crate::model::Timestamp;
use crate::policy::Preset;
use crate::store::Site;
use crate::store::policy::Version;
use crate::store::{request, restriction};
use rusqlite::Connection;
use serde::Serialize;
use std::collections::BTreeMap;

/// What this build does to keep recordings safe. Each is true whatever the settings are.
pub(super) const MEASURES: [[&str; 2]; 10] = [
    [
        "Text is hidden while it is read in the visitor's page; the server checks each batch against the policy again and refuses what breaks it.",
        "Text se skrývá už při čtení ve stránce návštěvníka; server každou dávku znovu porovná s pravidly a odmítne tu, která je poruší.",
    ],
    [
        "A finished recording is looked through once more; what should not be there is taken out and becomes a finding.",
        "Dokončená nahrávka se ještě jednou projde; co v ní nemá být, se odstraní a stane se nálezem.",
    ],
    [
        "Recordings are sealed with AES-256-GCM, each under a key of its own; the master key lies beside the data directory, or where the operator put it.",
        "Nahrávky jsou zapečetěny šifrou AES-256-GCM, každá vlastním klíčem; hlavní klíč leží vedle adresáře s daty, nebo tam, kam ho dal provozovatel.",
    ],
    ["Erasing a recording destroys its key.", "Výmaz nahrávky zničí její klíč."],
    [
        "A restricted recording is kept past its retention; until that is lifted, nobody but its visitor can open or erase it. What was asked about recordings is listed for three years.",
        "Nahrávka s omezeným zpracováním se uchová i po konci doby uložení; dokud se omezení nezruší, nikdo kromě jejího návštěvníka ji neotevře ani nesmaže. Žádosti ohledně nahrávek se vedou v seznamu tři roky.",
    ],
    [
        "A public notice is made from the policy in force; visitors see, download and erase their own recordings without an account.",
        "Veřejné oznámení vzniká z platných pravidel; návštěvníci své nahrávky vidí, stáhnou i vymažou bez účtu.",
    ],
    [
        "Accounts have roles; passwords are kept as argon2id hashes.",
        "Účty mají role; z hesel se uchovávají jen otisky argon2id.",
    ],
    [
        "Plain HTTP is served on this machine's own addresses or behind a proxy that ends TLS, and nowhere else.",
        "Nešifrované HTTP se poskytuje jen na vlastních adresách stroje nebo za proxy, která ukončuje TLS.",
    ],
    [
        "No recorded text, key or network address of a visitor is written to a log.",
        "Do protokolu se nezapisuje zaznamenaný text, klíč ani síťová adresa návštěvníka.",
    ],
    [
        "Each version of the policy is kept with who saved it and why.",
        "Každá verze pravidel se uchovává s tím, kdo ji uložil a proč.",
    ],
];

/// One site's record.
#[derive(Debug, Serialize)]
pub struct Records {
    pub site: String,
    pub name: String,
    pub origins: Vec<String>,
    pub purpose: String,
    /// Whether anything is recorded now.
    pub recording: bool,
    pub policy: PolicyInForce,
    pub categories: Vec<Shown>,
    pub recorded_always: Vec<&'static str>,
    pub recorded_never: Vec<&'static str>,
    /// Nobody beyond the accounts and tokens of this server.
    pub recipients: Vec<String>,
    pub watchers: usize,
    pub transfers: Vec<String>,
    pub retention_days: u32,
    /// Megabytes; 0 for none.
    pub quota: u32,
    pub recordings: u64,
    /// Of these, how many are restricted (Art. 18).
    pub restricted: u64,
    /// How often each kind of data request stands in the list.
    pub requests: BTreeMap<&'static str, u64>,
    pub security_measures: Vec<&'static str>,
    pub generated_at: i64,
    #[serde(skip)]
    language: Language,
}

/// The version of the policy that a document was generated from.
#[derive(Debug, Serialize)]
pub struct PolicyInForce {
    pub version: u32,
    pub hash: String,
    pub saved_at: i64,
    pub preset: Preset,
}

impl PolicyInForce {
    pub fn of(version: &Version) -> Self {
        Self {
            version: version.number,
            hash: version.hash.to_string(),
            saved_at: version.saved_at.0,
            preset: version.policy.preset,
        }
    }
}

impl Records {
    pub fn read(db: &Connection, site: &Site, now: Timestamp, language: Language) -> Result<Self> {
        let running = Running::read(db, site, now)?;
        let policy = &running.policy.policy;
        let all = |words: &'static [[&'static str; 2]]| words.iter().map(|words| language.of(*words)).collect();
        Ok(Self {
            site: running.key.to_string(),
            name: running.name,
            origins: running.origins,
            purpose: policy.purpose.trim().to_owned(),
            recording: running.recording,
            policy: PolicyInForce::of(&running.policy),
            categories: shown(policy, language),
            recorded_always: all(&ALWAYS),
            recorded_never: all(&NEVER),
            recipients: Vec::new(),
            watchers: running.watchers,
            transfers: Vec::new(),
            retention_days: policy.retention_days,
            quota: policy.quota,
            recordings: running.recordings,
            restricted: restriction::count(db, site.id)?,
            requests: request::counts(db, site.id)?.into_iter().map(|(kind, count)| (kind.as_str(), count)).collect(),
            security_measures: all(&MEASURES),
            generated_at: running.at.0,
            language,
        })
    }

    pub fn markdown(&self) -> String {
        let word = |english: &'static str, czech: &'static str| self.language.of([english, czech]);
        let mut text =
            format!("# {}: {}\n\n", word("Record of processing", "Záznam o činnosti zpracování"), plain(&self.name));
        text += word(
            "GDPR, Art. 30(1). What stands in brackets only the controller knows.",
            "GDPR, čl. 30 odst. 1. Co je v závorkách, ví jen správce.",
        );
        text += "\n\n| | |\n| --- | --- |\n";
        let origins: Vec<_> = self.origins.iter().map(|origin| code(origin)).collect();
        let purpose = match self.purpose.as_str() {
            "" => word("not written; nothing is recorded before it is", "nezapsán; dokud není, nic se nezaznamenává")
                .to_owned(),
            purpose => plain(purpose),
        };
        let state = if self.recording { word("yes", "ano") } else { word("no", "ne") };
        let blank = word("(to be filled in)", "(doplnit)").to_owned();
        let days = |days: u32| match self.language {
            Language::English => {
                format!(
                    "{days} days; what was recorded goes on the day after, with its key; what is restricted, once that is lifted"
                )
            }
            Language::Czech => {
                format!(
                    "{days} dní; den poté nahrávka zmizí i se svým klíčem; s omezeným zpracováním až po jeho zrušení"
                )
            }
        };
        let retention = match self.quota {
            0 => days(self.retention_days),
            quota => format!(
                "{}; {} {quota} MB",
                days(self.retention_days),
                word("the oldest sooner, beyond", "nejstarší dříve, nad")
            ),
        };
        let policy = &self.policy;
        let requests = match self.requests.iter().filter(|(_, count)| **count > 0).collect::<Vec<_>>() {
            none if none.is_empty() => word("none", "žádné").to_owned(),
            some => some.iter().map(|(kind, count)| format!("{} {count}", code(kind))).collect::<Vec<_>>().join(", "),
        };
        let rows = [
            (word("Controller, contact", "Správce, kontakt"), blank.clone()),
            (word("Data-protection officer, contact", "Pověřenec, kontakt"), blank),
            (word("Site", "Web"), format!("{} ({})", plain(&self.name), code(&self.site))),
            (word("Origins", "Adresy"), origins.join(", ")),
            (word("Purpose", "Účel"), purpose),
            (word("Recording now", "Nyní se zaznamenává"), state.to_owned()),
            (
                word("Data subjects", "Subjekty údajů"),
                word("visitors of these origins", "návštěvníci těchto adres").to_owned(),
            ),
            (
                word("Recipients", "Příjemci"),
                format!(
                    "{} ({}: {})",
                    word("none", "žádní"),
                    word(
                        "accounts and tokens of this server that may watch",
                        "účty a tokeny tohoto serveru, které smějí sledovat"
                    ),
                    self.watchers
                ),
            ),
            (
                word("Transfers to third countries", "Předání do třetích zemí"),
                word("none by Hushreel", "žádná ze strany Hushreelu").to_owned(),
            ),
            (word("Retention", "Doba uchování"), retention),
            (word("Recordings kept now", "Nyní uchováno nahrávek"), self.recordings.to_string()),
            (
                word("Of these, restricted (Art. 18)", "Z toho s omezeným zpracováním (čl. 18)"),
                self.restricted.to_string(),
            ),
            (word("Data requests listed", "Žádosti v seznamu"), requests),
            (
                word("Policy in force", "Platná pravidla"),
                format!(
                    "{} {}, {}, {} {}, {}",
                    word("version", "verze"),
                    policy.version,
                    code(&policy.hash),
                    word("preset", "předvolba"),
                    policy.preset,
                    time(Timestamp(policy.saved_at))
                ),
            ),
        ];
        for (name, value) in rows {
            text += &format!("| {name} | {value} |\n");
        }
        text += &format!(
            "\n## {}\n\n{}",
            word("Categories of data", "Kategorie údajů"),
            table(&self.categories, self.language)
        );
        for (title, list) in [
            (word("Recorded under every policy", "Zaznamenává se vždy"), &self.recorded_always),
            (word("Recorded under no policy", "Nezaznamenává se nikdy"), &self.recorded_never),
            (word("Security measures", "Bezpečnostní opatření"), &self.security_measures),
        ] {
            text += &format!("\n## {title}\n\n{}", bullets(list));
        }
        text + &format!("\n{} {}\n", self.language.of(NOTICE), time(Timestamp(self.generated_at)))
    }
}

/// The keys of a policy as a table.
pub(super) fn table(lines: &[Shown], language: Language) -> String {
    let mut text = format!(
        "| {} | {} | {} |\n| --- | --- | --- |\n",
        language.of(["key", "klíč"]),
        language.of(["value", "hodnota"]),
        language.of(["what is recorded", "co se zaznamenává"])
    );
    for Shown { key, value, means } in lines {
        text += &format!("| `{key}` | {} | {means} |\n", code(&value.to_string()));
    }
    text
}

pub(super) fn bullets(list: &[&str]) -> String {
    list.iter().map(|line| format!("- {line}\n")).collect()
}
