//! The clauses of each profile: those of European law, with the sources and bounds of others where they differ. A source is
//! cited where it says what the clause asks.

use super::clause::{
    ADDRESSES, CONSENT, CONSOLE, FINDINGS, FORMS, IDENTITY, MEDIA, NETWORK, PURPOSE, QUERY, RETENTION, SHOW, SIGNAL,
    TEXT, TRANSPORT, asks, either, kept_at_most, say,
};
use super::{Clause, Fix};
use crate::policy::{Identity, TextMode, Trigger};

const CZ_CONSENT: Clause =
    Clause { source: "zákon č. 127/2005 Sb., § 89 odst. 3 (ve znění od 1. 1. 2022); GDPR, Art. 7", ..CONSENT };

/// Known here in its draft; what the final text says may differ.
const CNIL: &str = "CNIL, draft recommendation on session replay tools, 25 February 2026";

const CNIL_CONSENT: Clause = Clause {
    source: "loi n° 78-17, Art. 82; CNIL, draft recommendation on session replay tools, 25 February 2026",
    ..CONSENT
};

const CNIL_PURPOSE: Clause = Clause { source: CNIL, ..PURPOSE };

const CNIL_SAMPLE: Clause = Clause {
    id: "sample",
    sentence: say(
        "Not every visit is recorded: a part of them, some pages, or from a call of the page on.",
        "Nezaznamenává se každá návštěva: jen část, některé stránky, nebo až od volání stránky.",
    ),
    source: CNIL,
    fix: Fix::Set { key: "sample", to: "50" },
    check: |policy, _| {
        either(
            policy.sample < 100 || policy.trigger == Trigger::Call || !policy.only_urls.is_empty(),
            say("Recording is limited.", "Záznam je omezený."),
            say("Every visit is recorded from its beginning.", "Každá návštěva se zaznamenává od začátku."),
        )
    },
};

const CNIL_TEXT: Clause = Clause {
    sentence: say(
        "Page text is masked; what the purpose needs is shown part by part.",
        "Text stránek je skrytý; co účel potřebuje, se ukazuje po částech.",
    ),
    source: CNIL,
    fix: Fix::Set { key: "text", to: r#""mask""# },
    check: |policy, _| {
        either(
            policy.text == TextMode::Mask,
            say("Page text is masked.", "Text stránek je skrytý."),
            say("Page text is not masked.", "Text stránek skrytý není."),
        )
    },
    ..TEXT
};

const CNIL_FORMS: Clause = Clause { source: CNIL, ..FORMS };

const CNIL_IDENTITY: Clause = Clause {
    sentence: say(
        "Identifiers are limited: no browser is known again on a later day.",
        "Identifikátory jsou omezené: žádný prohlížeč se později znovu nepozná.",
    ),
    source: CNIL,
    check: |policy, _| {
        either(
            policy.identity != Identity::Visitor,
            say("Nothing outlives the visit.", "Nic nepřežije návštěvu."),
            say("An identifier outlives the visit.", "Identifikátor přežije návštěvu."),
        )
    },
    ..IDENTITY
};

const CNIL_RETENTION: Clause = Clause {
    sentence: say(
        "Recordings are kept for a short time: 30 days at most, a number of this profile.",
        "Nahrávky se uchovávají krátce: nejvýš 30 dní, což je číslo tohoto profilu.",
    ),
    source: CNIL,
    fix: Fix::Set { key: "retention_days", to: "30" },
    check: kept_at_most::<30>,
    ..RETENTION
};

const CA_CONSENT: Clause = Clause {
    sentence: say(
        "Visitors agree before what they do is recorded.",
        "Návštěvníci souhlasí dřív, než se zaznamenává, co dělají.",
    ),
    source: "California Penal Code § 631(a)",
    check: |policy, _| asks(policy, &["US"]),
    ..CONSENT
};

const CA_SIGNAL: Clause = Clause {
    sentence: say(
        "An opt-out preference signal is honoured; the rule binds those who sell or share, this profile asks it of all.",
        "Signál odhlášení se respektuje; předpis váže toho, kdo údaje prodává nebo sdílí, tento profil to žádá od všech.",
    ),
    source: "California Civil Code §§ 1798.120 and 1798.135; 11 CCR § 7025(c)(1)",
    ..SIGNAL
};

const CA_PURPOSE: Clause = Clause { source: "California Civil Code § 1798.100(a)(1)", ..PURPOSE };
const CA_TEXT: Clause = Clause { source: "California Civil Code § 1798.100(c)", ..TEXT };
const CA_FORMS: Clause = Clause { source: "California Penal Code § 631(a); Civil Code § 1798.100(c)", ..FORMS };
const CA_QUERY: Clause = Clause { source: "California Civil Code § 1798.100(c)", ..QUERY };
const CA_CONSOLE: Clause = Clause { source: "California Civil Code § 1798.100(c)", ..CONSOLE };
const CA_NETWORK: Clause = Clause { source: "California Civil Code § 1798.100(c)", ..NETWORK };

const CA_RETENTION: Clause = Clause {
    sentence: say(
        "Recordings are kept for 365 days at most; the law names no number, this profile takes that one.",
        "Nahrávky se uchovávají nejvýš 365 dní; zákon číslo neuvádí, tento profil bere toto.",
    ),
    source: "California Civil Code § 1798.100(a)(3)",
    fix: Fix::Set { key: "retention_days", to: "365" },
    check: kept_at_most::<365>,
    ..RETENTION
};

const CA_TRANSPORT: Clause = Clause { source: "California Civil Code § 1798.100(e)", ..TRANSPORT };
const CA_FINDINGS: Clause = Clause { source: "California Civil Code § 1798.100(e)", ..FINDINGS };

pub static EU_DEFAULT: [Clause; 15] = [
    CONSENT, SIGNAL, PURPOSE, TEXT, SHOW, FORMS, MEDIA, ADDRESSES, QUERY, CONSOLE, NETWORK, IDENTITY, RETENTION,
    TRANSPORT, FINDINGS,
];

pub static CZ: [Clause; 15] = [
    CZ_CONSENT, SIGNAL, PURPOSE, TEXT, SHOW, FORMS, MEDIA, ADDRESSES, QUERY, CONSOLE, NETWORK, IDENTITY, RETENTION,
    TRANSPORT, FINDINGS,
];

pub static CNIL_2026: [Clause; 16] = [
    CNIL_CONSENT,
    SIGNAL,
    CNIL_PURPOSE,
    CNIL_SAMPLE,
    CNIL_TEXT,
    SHOW,
    CNIL_FORMS,
    MEDIA,
    ADDRESSES,
    QUERY,
    CONSOLE,
    NETWORK,
    CNIL_IDENTITY,
    CNIL_RETENTION,
    TRANSPORT,
    FINDINGS,
];

pub static US_CA: [Clause; 11] = [
    CA_CONSENT,
    CA_SIGNAL,
    CA_PURPOSE,
    CA_TEXT,
    CA_FORMS,
    CA_QUERY,
    CA_CONSOLE,
    CA_NETWORK,
    CA_RETENTION,
    CA_TRANSPORT,
    CA_FINDINGS,
];
