//! What is asked, as a watcher would.

pub const ORDERS: [&str; 8] = [
    "sort=start",
    "sort=start&order=asc",
    "sort=length",
    "sort=length&order=asc",
    "sort=activity",
    "sort=activity&order=asc",
    "sort=frustration",
    "sort=frustration&order=asc",
];

pub const SUGGESTIONS: [&str; 5] =
    ["kind=page", "kind=page&q=product/1", "kind=event", "kind=tag&q=plan", "kind=page&q=zzz"];

/// Kinds of requests by what they are called.
pub fn kinds(site: &str, visitor: Option<&str>) -> Vec<(&'static str, Vec<String>)> {
    let day = 86_400_000;
    let now = super::fill::NOW.0;
    let filters: Vec<String> = [
        format!("site={site}"),
        format!("from={}", now - 7 * day),
        format!("from={}", now - 30 * day),
        "page=/cart".into(),
        "page=/product/*".into(),
        "page=/product/1234".into(),
        "event=purchase".into(),
        "tag=plan=pro".into(),
        "device=phone,tablet".into(),
        "browser=Firefox,Safari".into(),
        "os=Windows".into(),
        "country=CZ,SK".into(),
        "length_s_min=600".into(),
        "length_s_max=5".into(),
        "actions_min=50".into(),
        "pages_min=5".into(),
        "signal=rage".into(),
        "signal=dead".into(),
        "signal=error-click".into(),
        "signal=quick-back".into(),
        "signal=rage,dead".into(),
        "signal=error".into(),
        "watched=false".into(),
        "watched=true".into(),
        "bots=hide".into(),
        "bots=only".into(),
        "q=cart".into(),
    ]
    .into();
    let mut one: Vec<String> = filters.clone();
    one.extend(visitor.map(|visitor| format!("visitor={visitor}")));
    let with =
        |queries: &[String], more: &str| queries.iter().map(|query| format!("{query}{more}")).collect::<Vec<_>>();
    let mut pairs = Vec::new();
    for (at, first) in filters.iter().enumerate() {
        // The same parameter twice is not a pair.
        let name = |query: &str| query.split('=').next().unwrap_or_default().to_owned();
        pairs.extend(
            filters[at + 1..]
                .iter()
                .filter(|second| name(second) != name(first))
                .map(|second| format!("{first}&{second}")),
        );
    }
    let all = format!(
        "site={site}&from={}&page=/cart&device=phone&browser=Safari&country=CZ&length_s_min=30&signal=rage&bots=hide&watched=false&facets=true",
        now - 30 * day
    );
    let search = ["q=cart", "q=product/12", "q=purchase", "q=cart+pro", "q=zzzz", "q=p+r+o", "q=e"];
    let middle = now - 45 * day;
    let deep = format!("cursor=start.desc.{middle}.{middle}.{}", "80".repeat(16));
    vec![
        ("all of them, newest first, with counts", vec!["facets=true".into()]),
        ("each filter by itself", with(&one, "")),
        ("each filter by itself, with counts by choices", with(&one, "&facets=true")),
        ("each pair of filters, with counts by choices", with(&pairs, "&facets=true")),
        ("ten filters at once, with counts by choices", vec![all]),
        ("each order, up and down", ORDERS.map(str::to_owned).into()),
        ("each filter, most frustrating first, with counts", with(&one, "&sort=frustration&facets=true")),
        ("search, with counts by choices", with(&search.map(str::to_owned), "&facets=true")),
        ("begun in the middle of them", vec![deep]),
    ]
}
