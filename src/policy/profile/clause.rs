//! What is asked, clause by clause, as European law puts it. A number of days that no law names is said to be the profile's own.

use super::{Clause, Facts, Fix, Outcome, Verdict, Words};
use crate::policy::{FormMode, Identity, MediaMode, MetaMode, Policy, TextMode, UrlMode};

/// Parts of a parameter's name that tell of a person or of a secret.
const TELLING: [&str; 18] = [
    "auth", "birth", "card", "code", "email", "iban", "jwt", "mail", "name", "otp", "password", "phone", "pin",
    "secret", "session", "sid", "token", "user",
];

pub const fn say(en: &'static str, cs: &'static str) -> Words {
    Words { en, cs }
}

pub fn either(holds: bool, pass: Words, fail: Words) -> Outcome {
    if holds {
        Outcome { verdict: Verdict::Pass, reason: pass }
    } else {
        Outcome { verdict: Verdict::Fail, reason: fail }
    }
}

fn beside(reason: Words) -> Outcome {
    Outcome { verdict: Verdict::DoesNotApply, reason }
}

/// The countries of the European Economic Area.
pub const UNION: [&str; 30] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// Whether visitors of each of these countries are asked first.
pub fn asks(policy: &Policy, countries: &[&str]) -> Outcome {
    either(
        all_asked(policy, countries),
        say(
            "Every visitor whom this profile is about is asked first.",
            "Každý návštěvník, kterého se profil týká, je nejdřív dotázán.",
        ),
        say(
            "Visitors whom this profile is about are recorded without being asked.",
            "Návštěvníci, kterých se profil týká, se zaznamenávají bez dotazu.",
        ),
    )
}

fn all_asked(policy: &Policy, countries: &[&str]) -> bool {
    countries.iter().all(|code| policy.asks_first(code.parse().ok()))
}

const UNKNOWN: Words = say(
    "A file does not tell; check the policy of a site by its key.",
    "Ze souboru to nelze poznat; zkontrolujte pravidla webu podle jeho klíče.",
);

pub const CONSENT: Clause = Clause {
    id: "consent",
    sentence: say(
        "Nothing is stored in or read from the visitor's device before the visitor agreed.",
        "Do zařízení návštěvníka se nic neukládá a nic se z něj nečte, dokud nesouhlasil.",
    ),
    source: "Directive 2002/58/EC, Art. 5(3); GDPR, Art. 6(1)(a) and 7",
    fix: Fix::Set { key: "consent", to: r#""required""# },
    check: |policy, _| asks(policy, &UNION),
};

pub const SIGNAL: Clause = Clause {
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

pub const PURPOSE: Clause = Clause {
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

pub const TEXT: Clause = Clause {
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

pub const SHOW: Clause = Clause {
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

pub const FORMS: Clause = Clause {
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

pub const MEDIA: Clause = Clause {
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

pub const ADDRESSES: Clause = Clause {
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

pub const QUERY: Clause = Clause {
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

pub const CONSOLE: Clause = Clause {
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

pub const NETWORK: Clause = Clause {
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

pub const IDENTITY: Clause = Clause {
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
            all_asked(policy, &UNION),
            say(
                "It is kept after consent alone, for 13 months at most.",
                "Uchová se jen po souhlasu, nejvýše na 13 měsíců.",
            ),
            say(
                "Something is kept of visitors who are not asked.",
                "Něco se uchová o návštěvnících, kteří dotázáni nejsou.",
            ),
        ),
    },
};

pub fn kept_at_most<const DAYS: u32>(policy: &Policy, _: Option<&Facts>) -> Outcome {
    either(
        policy.retention_days <= DAYS,
        say("Recordings are kept no longer than that.", "Nahrávky se déle neuchovávají."),
        say("Recordings are kept longer than that.", "Nahrávky se uchovávají déle."),
    )
}

pub const RETENTION: Clause = Clause {
    id: "retention",
    sentence: say(
        "Recordings are kept for 90 days at most; the law names no number, this profile takes that one.",
        "Nahrávky se uchovávají nejvýš 90 dní; zákon číslo neuvádí, tento profil bere toto.",
    ),
    source: "GDPR, Art. 5(1)(e) and 13(2)(a)",
    fix: Fix::Set { key: "retention_days", to: "90" },
    check: kept_at_most::<90>,
};

pub const TRANSPORT: Clause = Clause {
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

pub const FINDINGS: Clause = Clause {
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
