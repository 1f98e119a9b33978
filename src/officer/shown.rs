//! What each key of a policy lets a recording hold, in words.

use super::{Language, code};
use crate::policy::{Asked, Consent, FormMode, Identity, MediaMode, MetaMode, Policy, TextMode, Trigger, UrlMode};
use serde::Serialize;

/// One key of the policy, its value, and what that comes to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    pub key: &'static str,
    pub value: serde_json::Value,
    pub means: String,
}

/// Recorded under every policy.
pub const ALWAYS: [[&str; 2]; 5] = [
    ["the structure and layout of pages, and changes to it", "struktura a rozvržení stránek a jejich změny"],
    [
        "movements of the pointer, touches, clicks, scrolling, the size of the window, and their times",
        "pohyby ukazatele, dotyky, kliknutí, posouvání, velikost okna a jejich časy",
    ],
    [
        "kind of device, browser and operating system, and the country of the network",
        "druh zařízení, prohlížeč a operační systém a země sítě",
    ],
    ["that an error happened, and how long pages took to show", "že nastala chyba a jak dlouho se stránky zobrazovaly"],
    ["whether the visitor had agreed", "zda návštěvník souhlasil"],
];

/// Recorded under no policy.
pub const NEVER: [[&str; 2]; 5] = [
    ["the visitor's network address", "síťová adresa návštěvníka"],
    [
        "passwords, numbers of cards and accounts, one-time codes, identity, birth and health fields",
        "hesla, čísla karet a účtů, jednorázové kódy, pole s totožností, narozením a zdravím",
    ],
    ["hidden and file inputs", "skrytá a souborová pole"],
    ["what the site's developers marked as sensitive", "co vývojáři webu označili jako citlivé"],
    ["the contents of other sites' frames", "obsah rámů cizích webů"],
];

/// Each key of the policy with what it shows.
pub fn shown(policy: &Policy, language: Language) -> Vec<Shown> {
    let values = serde_json::to_value(policy).unwrap_or_default();
    let line = |key: &'static str, means: String| Shown { key, value: values[key].clone(), means };
    let listed = |entries: &[String], some: [&str; 2], none: [&str; 2]| match entries {
        [] => language.of(none).to_owned(),
        _ => {
            let entries: Vec<_> = entries.iter().map(|entry| code(entry)).collect();
            format!("{}: {}", language.of(some), entries.join(", "))
        }
    };
    let one = |words: [&'static str; 2]| language.of(words).to_owned();
    vec![
        line("text", one(text(policy.text))),
        line(
            "show",
            match policy.text {
                TextMode::Mask => {
                    listed(&policy.show, ["shown although text is masked", "vidět, přestože je text skrytý"], NOTHING)
                }
                TextMode::Redact | TextMode::Show => {
                    one(["has no effect, since text is shown", "nemá vliv, protože text je vidět"])
                }
            },
        ),
        line("mask", listed(&policy.mask, ["masked", "skryto"], NOTHING)),
        line("block", listed(&policy.block, ["left out, a box of its size", "vynecháno, zůstává obdélník"], NOTHING)),
        line(
            "ignore",
            listed(
                &policy.ignore,
                ["nothing that happens there is recorded", "co se tam děje, se nezaznamenává"],
                NOTHING,
            ),
        ),
        line("forms", one(forms(policy.forms))),
        line(
            "attributes",
            listed(&policy.attributes, ["shown beyond those of layout", "vidět navíc k atributům rozvržení"], NOTHING),
        ),
        line("media", one(media(policy.media))),
        line("urls", one(urls(policy.urls))),
        line("paths", listed(&policy.paths, ["paths that are shown", "cesty, které jsou vidět"], NOTHING)),
        line("query", listed(&policy.query, ["parameters that are shown", "parametry, které jsou vidět"], NOTHING)),
        line(
            "console",
            one(meta(
                policy.console,
                ["that a message was written, not its words", "že zpráva byla napsána, ne její slova"],
                ["messages with their words, as far as text is shown", "zprávy i se slovy, pokud je text vidět"],
            )),
        ),
        line(
            "network",
            one(meta(
                policy.network,
                ["that a request was made and how it went", "že požadavek byl a jak dopadl"],
                [
                    "requests with their addresses, as far as addresses are shown",
                    "požadavky i s adresami, pokud jsou adresy vidět",
                ],
            )),
        ),
        line("consent", one(consent(policy.consent))),
        line(
            "gpc",
            one(if policy.gpc {
                ["Global Privacy Control stops recording", "signál Global Privacy Control záznam zastaví"]
            } else {
                ["Global Privacy Control is ignored", "signál Global Privacy Control se přehlíží"]
            }),
        ),
        line("countries", listed_countries(policy, language)),
        line(
            "dnt",
            one(if policy.dnt {
                ["Do Not Track stops recording", "signál Do Not Track záznam zastaví"]
            } else {
                ["Do Not Track is ignored", "signál Do Not Track se přehlíží"]
            }),
        ),
        line(
            "banner",
            one(if policy.banner {
                ["the recorder brings a consent banner along", "záznamník přináší vlastní lištu pro souhlas"]
            } else {
                ["the site asks for consent itself", "o souhlas se ptá web sám"]
            }),
        ),
        line("identity", one(identity(policy.identity))),
        line("sample", format!("{} {} %", one(["of all visits", "ze všech návštěv"]), policy.sample)),
        line(
            "only_urls",
            listed(
                &policy.only_urls,
                ["recorded on these paths alone", "zaznamenává se jen na těchto cestách"],
                ["no limit", "bez omezení"],
            ),
        ),
        line(
            "skip_urls",
            listed(&policy.skip_urls, ["not recorded on these paths", "na těchto cestách se nezaznamenává"], NOTHING),
        ),
        line(
            "trigger",
            one(match policy.trigger {
                Trigger::Call => {
                    ["recording begins when the page calls for it", "záznam začne, až o něj stránka požádá"]
                }
                Trigger::Load => ["recording begins with the page", "záznam začne se stránkou"],
            }),
        ),
        line(
            "max_minutes",
            format!(
                "{} {}",
                one(["a recording ends after minutes:", "nahrávka skončí po minutách:"]),
                policy.max_minutes
            ),
        ),
        line(
            "min_interaction",
            format!(
                "{} {}",
                one(["acts of the visitor before anything is sent:", "úkonů návštěvníka, než se cokoli odešle:"]),
                policy.min_interaction
            ),
        ),
        line(
            "compat",
            one(if policy.compat.is_empty() {
                ["no other recorder's calls are heard", "volání jiných záznamníků se neposlouchají"]
            } else {
                ["another recorder's calls are heard", "poslouchají se volání jiného záznamníku"]
            }),
        ),
    ]
}

fn listed_countries(policy: &Policy, language: Language) -> String {
    let free = policy.countries.iter().filter(|(_, asked)| **asked == Asked::NotRequired);
    let free: Vec<_> = free.map(|(country, _)| country.to_string()).collect();
    match policy.consent {
        Consent::ByCountry if !free.is_empty() => {
            format!("{}: {}", language.of(["not asked", "bez dotazu"]), free.join(", "))
        }
        _ => language.of(["has no effect", "nemá vliv"]).to_owned(),
    }
}

const NOTHING: [&str; 2] = ["nothing", "nic"];

fn text(mode: TextMode) -> [&'static str; 2] {
    match mode {
        TextMode::Mask => {
            ["page text is masked; its rough length is kept", "text stránek je skrytý; zůstává jeho přibližná délka"]
        }
        TextMode::Redact => ["page text without what looks personal", "text stránek bez toho, co vypadá osobně"],
        TextMode::Show => [
            "page text; what looks personal is taken out at the door",
            "text stránek; co vypadá osobně, se odstraní při příjmu",
        ],
    }
}

fn forms(mode: FormMode) -> [&'static str; 2] {
    match mode {
        FormMode::Off => ["nothing of what is typed or chosen", "nic z toho, co se píše nebo vybírá"],
        FormMode::Masked => ["that something was typed, not what", "že se něco napsalo, ne co"],
        FormMode::Record => [
            "what is typed and chosen, but for what is always hidden",
            "co se píše a vybírá, kromě toho, co se skrývá vždy",
        ],
    }
}

fn media(mode: MediaMode) -> [&'static str; 2] {
    match mode {
        MediaMode::Block => ["no pictures, boxes of their size", "žádné obrázky, jen obdélníky"],
        MediaMode::SameOrigin => ["the page's own pictures", "vlastní obrázky stránky"],
        MediaMode::Show => ["all pictures and media", "všechny obrázky a média"],
    }
}

fn urls(mode: UrlMode) -> [&'static str; 2] {
    match mode {
        UrlMode::Listed => ["addresses only where their path is listed", "adresy jen tam, kde je cesta vyjmenovaná"],
        UrlMode::Generalised => ["addresses with ids replaced", "adresy s nahrazenými identifikátory"],
        UrlMode::Path => ["paths as they are, and titles", "cesty, jak jsou, a názvy stránek"],
    }
}

fn meta(mode: MetaMode, some: [&'static str; 2], all: [&'static str; 2]) -> [&'static str; 2] {
    match mode {
        MetaMode::Off => NOTHING,
        MetaMode::Meta => some,
        MetaMode::Redact => all,
    }
}

fn consent(mode: Consent) -> [&'static str; 2] {
    match mode {
        Consent::Required => ["every visitor is asked first", "každý návštěvník je nejdřív dotázán"],
        Consent::ByCountry => ["visitors are asked depending on their country", "návštěvníci jsou dotázáni podle země"],
        Consent::NotRequired => ["visitors are not asked", "návštěvníci nejsou dotázáni"],
    }
}

fn identity(mode: Identity) -> [&'static str; 2] {
    match mode {
        Identity::None => ["nothing is kept in the browser beyond the tab", "v prohlížeči nic nepřetrvá kartu"],
        Identity::Visit => [
            "a random number links the recordings of one tab until it is closed; the site may say by a pseudonym who is signed in",
            "náhodné číslo spojuje nahrávky jedné karty do jejího zavření; web smí pseudonymem říct, kdo je přihlášen",
        ],
        Identity::Visitor => [
            "a random number links the recordings of one browser, kept there for 13 months at most and stored here only as a keyed digest; the site may say by a pseudonym who is signed in",
            "náhodné číslo spojuje nahrávky jednoho prohlížeče, leží v něm nejvýše 13 měsíců a zde se ukládá jen jeho otisk s klíčem; web smí pseudonymem říct, kdo je přihlášen",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Preset;

    #[test]
    fn every_key_that_decides_what_is_shown_is_told() {
        let told: Vec<_> = shown(&Policy::default(), Language::English).into_iter().map(|line| line.key).collect();
        let all = serde_json::to_value(Policy::default()).unwrap();
        // Told apart, at the head of each document.
        let apart = ["preset", "purpose", "retention_days", "quota"];
        for key in all.as_object().unwrap().keys() {
            assert_eq!(told.contains(&key.as_str()), !apart.contains(&key.as_str()), "{key}");
        }
    }

    #[test]
    fn presets_read_differently_in_both_languages() {
        for language in [Language::English, Language::Czech] {
            let [strict, balanced, full] = Preset::ALL.map(|preset| shown(&Policy::preset(preset), language));
            for key in ["text", "forms", "media", "urls"] {
                let means = |lines: &[Shown]| lines.iter().find(|line| line.key == key).unwrap().means.clone();
                assert_ne!(means(&strict), means(&balanced));
                assert_ne!(means(&balanced), means(&full));
            }
        }
    }
}
