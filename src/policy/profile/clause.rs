//! The clauses of each profile. A source is cited where it says what the clause asks; a number of days that no law names is
//! said to be the profile's own.

use super::{Clause, Facts, Fix, Outcome, Verdict, Words};
use crate::policy::{Consent, FormMode, Identity, MediaMode, MetaMode, Policy, TextMode, UrlMode};

/// Parts of a parameter's name that tell of a person or of a secret.
const TELLING: [&str; 18] = [
    "auth", "birth", "card", "code", "email", "iban", "jwt", "mail", "name", "otp", "password", "phone", "pin",
    "secret", "session", "sid", "token", "user",
];

const fn say(en: &'static str, cs: &'static str) -> Words {
    Words { en, cs }
}

fn either(holds: bool, pass: Words, fail: Words) -> Outcome {
    if holds {
        Outcome { verdict: Verdict::Pass, reason: pass }
    } else {
        Outcome { verdict: Verdict::Fail, reason: fail }
    }
}

fn beside(reason: Words) -> Outcome {
    Outcome { verdict: Verdict::DoesNotApply, reason }
}

const UNKNOWN: Words = say(
    "A file does not tell; check the policy of a site by its key.",
    "Ze souboru to nelze poznat; zkontrolujte pravidla webu podle jeho klíče.",
);

const CONSENT: Clause = Clause {
    id: "consent",
    sentence: say(
        "Nothing is stored in or read from the visitor's device before the visitor agreed.",
        "Do zařízení návštěvníka se nic neukládá a nic se z něj nečte, dokud nesouhlasil.",
    ),
    source: "Directive 2002/58/EC, Art. 5(3); GDPR, Art. 6(1)(a) and 7",
    fix: Fix::Set { key: "consent", to: r#""required""# },
    check: |policy, _| match policy.consent {
        Consent::Required => {
            either(true, say("Every visitor is asked first.", "Každý návštěvník je nejdřív dotázán."), UNKNOWN)
        }
        // Which countries are left out is not this profile's to weigh: what it cannot see, it does not pass.
        Consent::ByCountry => either(
            false,
            UNKNOWN,
            say("Whether a visitor is asked depends on the country.", "Zda je návštěvník dotázán, závisí na zemi."),
        ),
        Consent::NotRequired => either(
            false,
            UNKNOWN,
            say("Visitors are recorded without being asked.", "Návštěvníci se zaznamenávají bez dotazu."),
        ),
    },
};

const SIGNAL: Clause = Clause {
    id: "signal",
    sentence: say(
        "A browser that objects by a signal is not recorded.",
        "Prohlížeč, který vysílá signál nesouhlasu, se nezaznamenává.",
    ),
    source: "GDPR, Art. 21(5)",
    fix: Fix::Set { key: "gpc", to: "true" },
    check: |policy, _| {
        either(
            policy.gpc,
            say("Global Privacy Control stops recording.", "Signál Global Privacy Control záznam zastaví."),
            say("Global Privacy Control is ignored.", "Signál Global Privacy Control se přehlíží."),
        )
    },
};

const PURPOSE: Clause = Clause {
    id: "purpose",
    sentence: say(
        "The purpose is written down before recording begins, in words that say what is looked for.",
        "Účel je zapsán dřív, než záznam začne, a říká, co se hledá.",
    ),
    source: "GDPR, Art. 5(1)(b) and 13(1)(c)",
    fix: Fix::Settle {
        what: "purpose",
        how: say(
            "write in at least three words why this site records",
            "napište aspoň třemi slovy, proč tento web zaznamenává",
        ),
    },
    check: |policy, _| {
        either(
            policy.purpose.split_whitespace().count() >= 3,
            say("A purpose is written.", "Účel je zapsán."),
            say(
                "There is no purpose, or it is too short to say anything.",
                "Účel chybí, nebo je příliš krátký, než aby něco řekl.",
            ),
        )
    },
};

const TEXT: Clause = Clause {
    id: "text",
    sentence: say(
        "Page text is not recorded as it stands: masked, or without what looks personal.",
        "Text stránek se nezaznamenává tak, jak je: je skrytý, nebo bez toho, co vypadá osobně.",
    ),
    source: "GDPR, Art. 5(1)(c) and 25(2)",
    fix: Fix::Set { key: "text", to: r#""redact""# },
    check: |policy, _| {
        either(
            policy.text != TextMode::Show,
            say("Page text is masked or redacted.", "Text stránek je skrytý nebo zbavený osobních údajů."),
            say(
                "Page text is shown, names and addresses of people with it.",
                "Text stránek je vidět, i se jmény a adresami lidí.",
            ),
        )
    },
};

const SHOW: Clause = Clause {
    id: "show",
    sentence: say(
        "What is shown although text is masked is named part by part, not the page as a whole.",
        "Co je vidět, přestože je text skrytý, je vyjmenováno po částech, ne stránka jako celek.",
    ),
    source: "GDPR, Art. 25(2)",
    fix: Fix::Set { key: "show", to: "[]" },
    check: |policy, _| {
        if policy.text != TextMode::Mask || policy.show.is_empty() {
            return beside(say("Nothing is listed under `show`.", "Pod `show` nic není."));
        }
        let whole = |part: &str| matches!(part.trim(), "*" | "html" | "body" | ":root" | "html body" | "html > body");
        either(
            !policy.show.iter().any(|selector| selector.split(',').any(whole)),
            say("Only parts of the page are listed.", "Vyjmenovány jsou jen části stránky."),
            say("A selector under `show` means the whole page.", "Selektor pod `show` znamená celou stránku."),
        )
    },
};

const FORMS: Clause = Clause {
    id: "forms",
    sentence: say("What visitors type is not recorded.", "Co návštěvníci píší, se nezaznamenává."),
    source: "GDPR, Art. 5(1)(c) and 25(2)",
    fix: Fix::Set { key: "forms", to: r#""masked""# },
    check: |policy, _| {
        either(
            policy.forms != FormMode::Record,
            say("No typed character is recorded.", "Nezaznamenává se ani znak."),
            say(
                "What is typed is recorded, but for fields that are always hidden.",
                "Napsané se zaznamenává, kromě polí, která se skrývají vždy.",
            ),
        )
    },
};

const MEDIA: Clause = Clause {
    id: "media",
    sentence: say(
        "Pictures of other origins, canvases and video are not recorded.",
        "Obrázky z cizích zdrojů, plátna a video se nezaznamenávají.",
    ),
    source: "GDPR, Art. 5(1)(c)",
    fix: Fix::Set { key: "media", to: r#""same-origin""# },
    check: |policy, _| {
        either(
            policy.media != MediaMode::Show,
            say("At most the page's own pictures are recorded.", "Zaznamenávají se nanejvýš vlastní obrázky stránky."),
            say("All media are recorded.", "Zaznamenávají se všechna média."),
        )
    },
};

const ADDRESSES: Clause = Clause {
    id: "addresses",
    sentence: say(
        "Addresses of pages are recorded without what names a person, an order or an account.",
        "Adresy stránek se zaznamenávají bez toho, co označuje osobu, objednávku nebo účet.",
    ),
    source: "GDPR, Art. 5(1)(c)",
    fix: Fix::Set { key: "urls", to: r#""generalised""# },
    check: |policy, _| {
        either(
            policy.urls != UrlMode::Path,
            say("Paths are listed or generalised.", "Cesty jsou vyjmenované nebo zobecněné."),
            say("Paths are recorded as they are.", "Cesty se zaznamenávají, jak jsou."),
        )
    },
};

const QUERY: Clause = Clause {
    id: "query",
    sentence: say(
        "No parameter of an address is shown whose name tells of a person or of a secret.",
        "Neukazuje se žádný parametr adresy, jehož jméno mluví o osobě nebo o tajemství.",
    ),
    source: "GDPR, Art. 5(1)(c) and (f)",
    fix: Fix::Set { key: "query", to: "[]" },
    check: |policy, _| {
        if policy.query.is_empty() {
            return beside(say("No parameter is shown.", "Žádný parametr se neukazuje."));
        }
        let telling =
            |name: &String| name.to_ascii_lowercase().split(['-', '_', '.', ':']).any(|part| TELLING.contains(&part));
        either(
            !policy.query.iter().any(telling),
            say("None of the listed names tells of anybody.", "Žádné z uvedených jmen o nikom nemluví."),
            say("A listed name tells of a person or of a secret.", "Uvedené jméno mluví o osobě nebo o tajemství."),
        )
    },
};

const CONSOLE: Clause = Clause {
    id: "console",
    sentence: say(
        "Words that the page writes to the console are not recorded.",
        "Slova, která stránka píše do konzole, se nezaznamenávají.",
    ),
    source: "GDPR, Art. 5(1)(c)",
    fix: Fix::Set { key: "console", to: r#""meta""# },
    check: |policy, _| {
        either(
            policy.console != MetaMode::Redact,
            say("At most that a message was written.", "Nanejvýš to, že zpráva byla napsána."),
            say("Messages are recorded with their words.", "Zprávy se zaznamenávají i se slovy."),
        )
    },
};

const NETWORK: Clause = Clause {
    id: "network",
    sentence: say("Addresses of the page's requests are not recorded.", "Adresy požadavků stránky se nezaznamenávají."),
    source: "GDPR, Art. 5(1)(c)",
    fix: Fix::Set { key: "network", to: r#""meta""# },
    check: |policy, _| {
        either(
            policy.network != MetaMode::Redact,
            say("At most that a request was made and how it went.", "Nanejvýš to, že požadavek byl a jak dopadl."),
            say("Requests are recorded with their addresses.", "Požadavky se zaznamenávají i s adresami."),
        )
    },
};

const IDENTITY: Clause = Clause {
    id: "identity",
    sentence: say(
        "A browser is known again only where its visitor was asked.",
        "Prohlížeč se znovu pozná jen tehdy, když byl jeho návštěvník dotázán.",
    ),
    source: "Directive 2002/58/EC, Art. 5(3)",
    fix: Fix::Set { key: "identity", to: r#""none""# },
    check: |policy, _| match policy.identity {
        Identity::None => beside(say("Nothing is kept beyond the tab.", "Nic nepřetrvá kartu prohlížeče.")),
        Identity::Visit | Identity::Visitor => either(
            policy.consent == Consent::Required,
            say("It is kept after consent alone.", "Uchová se jen po souhlasu."),
            say("Something is kept without every visitor being asked.", "Něco se uchová, aniž by byl každý dotázán."),
        ),
    },
};

fn kept_at_most<const DAYS: u32>(policy: &Policy, _: Option<&Facts>) -> Outcome {
    either(
        policy.retention_days <= DAYS,
        say("Recordings are kept no longer than that.", "Nahrávky se déle neuchovávají."),
        say("Recordings are kept longer than that.", "Nahrávky se uchovávají déle."),
    )
}

const RETENTION: Clause = Clause {
    id: "retention",
    sentence: say(
        "Recordings are kept for 90 days at most; the law names no number, this profile takes that one.",
        "Nahrávky se uchovávají nejvýš 90 dní; zákon číslo neuvádí, tento profil bere toto.",
    ),
    source: "GDPR, Art. 5(1)(e) and 13(2)(a)",
    fix: Fix::Set { key: "retention_days", to: "90" },
    check: kept_at_most::<90>,
};

const TRANSPORT: Clause = Clause {
    id: "transport",
    sentence: say("Recorded pages are reached by TLS alone.", "Zaznamenávané stránky se načítají jen přes TLS."),
    source: "GDPR, Art. 32(1)(a)",
    fix: Fix::Settle {
        what: "origins",
        how: say("leave out the origins that begin with http://", "vynechte adresy, které začínají http://"),
    },
    check: |_, facts| match facts {
        None => beside(UNKNOWN),
        Some(facts) => either(
            facts.open_origins == 0,
            say("Every origin is https.", "Všechny adresy jsou https."),
            say("An origin is plain http.", "Některá adresa je nešifrované http."),
        ),
    },
};

const FINDINGS: Clause = Clause {
    id: "findings",
    sentence: say(
        "What was found that nobody marked has been looked at.",
        "Co se našlo a nikdo neoznačil, bylo prohlédnuto.",
    ),
    source: "GDPR, Art. 25(1) and 32(1)(d)",
    fix: Fix::Settle {
        what: "findings",
        how: say(
            "mark the element or accept each finding; `hushreel site findings KEY` lists them",
            "označte prvek, nebo nález přijměte; vypíše je `hushreel site findings KEY`",
        ),
    },
    check: |_, facts| match facts {
        None => beside(UNKNOWN),
        Some(facts) => either(
            facts.open_findings == 0,
            say("No finding is open.", "Žádný nález není otevřený."),
            say("Findings are open.", "Některé nálezy jsou otevřené."),
        ),
    },
};

const CZ_CONSENT: Clause =
    Clause { source: "zákon č. 127/2005 Sb., § 89 odst. 3 (ve znění od 1. 1. 2022); GDPR, Art. 7", ..CONSENT };

/// Known here in its draft; what the final text says may differ.
const CNIL: &str = "CNIL, draft recommendation on session replay tools, 25 February 2026";

const CNIL_CONSENT: Clause = Clause {
    source: "loi n° 78-17, Art. 82; CNIL, draft recommendation on session replay tools, 25 February 2026",
    ..CONSENT
};

const CNIL_PURPOSE: Clause = Clause { source: CNIL, ..PURPOSE };

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

pub static CNIL_2026: [Clause; 15] = [
    CNIL_CONSENT,
    SIGNAL,
    CNIL_PURPOSE,
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
