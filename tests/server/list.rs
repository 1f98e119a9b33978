//! Lists: each filter and each order against counts known from forged visits, and what is misspelt.

use crate::common::client::{Answer, ORIGIN, ROOMY, Server, Site, Visit, all_bytes, contains};
use crate::common::wire::{Body, Said};
use serde_json::{Value, json};

const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1";
const DESKTOP: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";
const CRAWLER: &str = "Mozilla/5.0 (compatible; SomeBot/2.1)";
/// Of networks whose country the table knows.
const AMERICAN: &str = "18.9.22.69";
const CZECH: &str = "147.32.1.1";

struct Shop {
    server: Server,
    site: Site,
    other: Site,
    token: String,
}

/// Five visits: 1 reads on a phone, 2 buys, 3 despairs, 4 is a crawler, 5 is on another site.
fn shop() -> Shop {
    let server = Server::start_with(&format!("{ROOMY}behind_proxy = true\n"));
    let (site, other) = (server.site(&["--preset", "full"]), server.site(&["--preset", "full"]));
    let start = |path: &str| Body::new(0).snapshot(&format!("{ORIGIN}{path}"), "Welcome");
    send(&server, &site, 1, PHONE, CZECH, start("/guide").time(90_000).visible(true));
    let bought = start("/").time(1_000).click(4).time(1_000).click(4).page(&format!("{ORIGIN}/cart"));
    let bought = bought.event("purchase", "sum", Said::Shown("12")).tag("plan", Said::Shown("pro"));
    send(&server, &site, 2, DESKTOP, AMERICAN, bought.finish());
    // Four clicks at once that change nothing, and an error after the last.
    let mut despair = start("/cart/pay").time(1_000);
    for _ in 0..4 {
        despair = despair.time(100).click_by(4, 1, 0);
    }
    let despair = despair.error("TypeError", Said::Bucket(4), "https://shop.example.com/app.js");
    send(&server, &site, 3, DESKTOP, AMERICAN, despair.time(5_000).finish());
    send(&server, &site, 4, CRAWLER, AMERICAN, start("/guide").finish());
    send(&server, &other, 5, PHONE, CZECH, start("/cart").finish());
    let token = server.token("viewer");
    let marked = || server.get_as(&token, &format!("/api/v1/recordings/{}", id(3))).json()["marked_at"].is_i64();
    server.wait_for(marked);
    Shop { server, site, other, token }
}

fn send(server: &Server, site: &Site, place: u8, agent: &str, address: &str, body: Body) {
    let mut visit = site.visit(place);
    // Each began a little later than the one before it, by the server's clock too.
    visit.head.sent_at = 600_000 - u64::from(place) * 60_000;
    let bytes = visit.head.with(&body.bytes());
    let headers = [("origin", ORIGIN), ("user-agent", agent), ("x-forwarded-for", address)];
    let answer = server.ask("POST", &visit.path(), &headers, Some(&bytes)).unwrap();
    assert_eq!(answer.status, 204, "{place}: {}", String::from_utf8_lossy(&answer.body));
}

fn id(place: u8) -> String {
    format!("{place:02x}").repeat(16)
}

impl Shop {
    fn ask(&self, query: &str) -> Answer {
        self.server.get_as(&self.token, &format!("/api/v1/recordings?{query}"))
    }

    /// The places of what is listed, in its order; the count has to say the same.
    fn listed(&self, query: &str) -> Vec<u8> {
        let list = self.ask(query).json();
        let items = list["items"].as_array().unwrap_or_else(|| panic!("{query}: {list}"));
        assert_eq!(list["count"], items.len(), "{query}");
        let place = |item: &Value| u8::from_str_radix(&item["id"].as_str().unwrap()[..2], 16).unwrap();
        items.iter().map(place).collect()
    }

    fn facets(&self, query: &str, kind: &str) -> Value {
        let list = self.ask(&format!("{query}&facets=true")).json();
        list["facets"][kind].as_array().unwrap().iter().map(|one| json!([one["value"], one["count"]])).collect()
    }
}

#[test]
fn every_filter_lists_exactly_the_visits_that_were_made_for_it() {
    let shop = shop();
    let (site, other) = (&shop.site.key, &shop.other.key);
    for (query, wanted) in [
        (String::new(), vec![5, 4, 3, 2, 1]),
        (format!("site={site}"), vec![4, 3, 2, 1]),
        (format!("site={other}"), vec![5]),
        ("page=/guide".into(), vec![4, 1]),
        ("page=/cart".into(), vec![5, 2]),
        ("page=/cart*".into(), vec![5, 3, 2]),
        ("page=/nowhere".into(), vec![]),
        ("event=purchase".into(), vec![2]),
        ("event=Purchase".into(), vec![]),
        ("tag=plan%3Dpro".into(), vec![2]),
        ("tag=plan".into(), vec![]),
        ("q=CART".into(), vec![5, 3, 2]),
        ("q=cart+purch".into(), vec![2]),
        ("q=pro".into(), vec![2]),
        ("q=x+is+undefined".into(), vec![]),
        ("device=phone".into(), vec![5, 1]),
        ("device=phone,desktop".into(), vec![5, 4, 3, 2, 1]),
        ("device=tablet".into(), vec![]),
        ("browser=Safari".into(), vec![5, 1]),
        ("browser=unknown".into(), vec![4]),
        ("os=Windows,iOS".into(), vec![5, 3, 2, 1]),
        ("country=CZ".into(), vec![5, 1]),
        ("country=cz,us".into(), vec![5, 4, 3, 2, 1]),
        ("length_s_min=60".into(), vec![1]),
        ("length_s_max=5".into(), vec![5, 4, 2]),
        ("actions_min=2".into(), vec![3, 2]),
        ("actions_min=3".into(), vec![3]),
        ("pages_min=2".into(), vec![2]),
        ("signal=rage".into(), vec![3]),
        ("signal=error".into(), vec![3]),
        ("signal=rage,error-click".into(), vec![3]),
        ("signal=quick-back".into(), vec![]),
        ("bots=hide".into(), vec![5, 3, 2, 1]),
        ("bots=only".into(), vec![4]),
        ("watched=true".into(), vec![]),
        ("watched=false".into(), vec![5, 4, 3, 2, 1]),
        ("page=/cart*&device=desktop&country=US&bots=hide&signal=rage".into(), vec![3]),
        ("from=1&to=2".into(), vec![]),
        ("sort=start&order=asc".into(), vec![1, 2, 3, 4, 5]),
        ("sort=length&limit=200".into(), vec![1, 3, 2, 5, 4]),
        ("sort=activity".into(), vec![3, 2, 5, 4, 1]),
        ("sort=activity&order=asc".into(), vec![5, 4, 1, 2, 3]),
        ("sort=frustration&bots=hide".into(), vec![3, 5, 2, 1]),
    ] {
        assert_eq!(shop.listed(&query), wanted, "{query}");
    }
    let path = format!("/api/v1/recordings/{}/watched", id(2));
    let bearer = format!("Bearer {}", shop.token);
    assert_eq!(shop.server.ask("PUT", &path, &[("authorization", &bearer)], None).unwrap().status, 204);
    assert_eq!((shop.listed("watched=true"), shop.listed("watched=false&bots=hide")), (vec![2], vec![5, 3, 1]));
}

#[test]
fn choices_are_counted_as_if_each_were_made() {
    let shop = shop();
    assert_eq!(shop.facets("", "device"), json!([["desktop", 3], ["phone", 2]]));
    assert_eq!(
        shop.facets("device=phone", "device"),
        json!([["desktop", 3], ["phone", 2]]),
        "its own kind is left aside"
    );
    assert_eq!(shop.facets("device=phone", "country"), json!([["CZ", 2]]));
    assert_eq!(shop.facets("bots=hide", "browser"), json!([["Chrome", 2], ["Safari", 2]]));
    assert_eq!(shop.facets("bots=only", "browser"), json!([["unknown", 1]]));
    assert_eq!(shop.facets("", "site"), json!([[shop.site.key, 4], [shop.other.key, 1]]));
    let signals = shop.facets("", "signal");
    assert_eq!((&signals[0], &signals[4]), (&json!(["rage", 1]), &json!(["error", 1])));
    assert_eq!(shop.ask("").json()["facets"], Value::Null, "counted for whoever asks");
    let terms = |query: &str| {
        let items =
            shop.server.get_as(&shop.token, &format!("/api/v1/recordings/terms?{query}")).json()["items"].clone();
        items.as_array().unwrap().iter().map(|one| json!([one["value"], one["count"]])).collect::<Value>()
    };
    assert_eq!(terms("kind=page&q=CART"), json!([["/cart", 2], ["/cart/pay", 1]]));
    assert_eq!(terms(&format!("kind=page&q=cart&site={}", shop.other.key)), json!([["/cart", 1]]));
    assert_eq!(terms("kind=event"), json!([["purchase", 1]]));
    assert_eq!(terms("kind=tag"), json!([["plan=pro", 1]]));
}

#[test]
fn what_is_misspelt_is_named_with_the_nearest_that_there_is() {
    let server = Server::start();
    let token = server.token("viewer");
    for (query, field, said) in [
        ("sort=lenght", "sort", "`length`"),
        ("order=up", "order", "`asc`"),
        ("signal=rage,ded", "signal", "`dead`"),
        ("device=phon", "device", "`phone`"),
        ("bots=hid", "bots", "`hide`"),
        ("watched=tru", "watched", "`true`"),
        ("devise=phone", "devise", "`device`"),
        ("limit=many", "limit", "whole number"),
        ("length_s_min=-1", "length_s_min", "whole number"),
        ("cursor=x", "cursor", "`next`"),
        ("q=a+b+c+d+e+f+g+h+i", "q", "8 words"),
    ] {
        let answer = server.get_as(&token, &format!("/api/v1/recordings?{query}"));
        assert_eq!((answer.status, answer.problem().as_str()), (422, "invalid"), "{query}");
        let problem = answer.json();
        assert_eq!(problem["field"], field, "{query}");
        assert!(problem["detail"].as_str().unwrap().contains(said), "{query}: {problem}");
    }
    let answer = server.get_as(&token, "/api/v1/recordings/terms?kind=pages");
    assert_eq!((answer.problem().as_str(), &answer.json()["field"]), ("invalid", &json!("kind")));
}

#[test]
fn a_cursor_goes_on_in_its_own_order_alone() {
    let server = Server::start();
    let site = server.site(&["--preset", "full"]);
    for place in 1..=3 {
        assert_eq!(site.visit(place).send(&server, 0, Visit::first()).status, 204);
    }
    let token = server.token("viewer");
    let next =
        server.get_as(&token, "/api/v1/recordings?limit=2&sort=length").json()["next"].as_str().unwrap().to_owned();
    let last = server.get_as(&token, &format!("/api/v1/recordings?limit=2&sort=length&cursor={next}")).json();
    assert_eq!((last["items"].as_array().unwrap().len(), &last["next"], &last["count"]), (1, &Value::Null, &json!(3)));
    assert_eq!(server.get_as(&token, &format!("/api/v1/recordings?cursor={next}")).json()["field"], "cursor");
}

#[test]
fn what_recordings_are_found_by_lies_nowhere_readable_and_goes_with_them() {
    let mut shop = shop();
    assert_eq!(shop.listed("q=purchase"), [2], "it is found");
    shop.server.terminate();
    for (path, bytes) in all_bytes(&shop.server.data()) {
        for word in ["/cart/pay", "purchase", "plan=pro"] {
            assert!(!contains(&bytes, word.as_bytes()), "{word} in {}", path.display());
        }
    }
    shop.server.run();
    let owner = format!("Bearer {}", shop.server.token("owner"));
    let path = format!("/api/v1/recordings/{}", id(2));
    assert_eq!(shop.server.ask("DELETE", &path, &[("authorization", &owner)], None).unwrap().status, 204);
    assert_eq!(shop.listed("q=purchase"), Vec::<u8>::new());
    let meta = rusqlite::Connection::open(shop.server.data().join("meta.db")).unwrap();
    let kinds: i64 = meta.query_row("select count(*) from term where kind <> 0", [], |row| row.get(0)).unwrap();
    assert_eq!(kinds, 0, "nobody else had its event and its tag");
}

#[test]
fn recordings_of_before_are_found_by_their_pages_after_the_upgrade() {
    let mut server = Server::start();
    let site = server.site(&["--preset", "full"]);
    assert_eq!(site.visit(1).send(&server, 0, Visit::first()).status, 204);
    server.terminate();
    // As the version before left it.
    let meta = rusqlite::Connection::open(server.data().join("meta.db")).unwrap();
    meta.execute_batch("update recording set terms = null; delete from term").unwrap();
    drop(meta);
    server.run();
    let token = server.token("viewer");
    server.wait_for(|| server.get_as(&token, "/api/v1/recordings?page=/start").json()["count"] == 1);
}

#[test]
fn what_a_list_shows_is_erased_part_after_part_and_what_is_restricted_stays() {
    let Shop { server, site, other, token } = shop();
    let admin = server.token("admin");
    let headers = |token: &str| [("authorization".to_owned(), format!("Bearer {token}"))];
    let erase = |token: &str, asked: &str| {
        let headers = headers(token);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        server.ask("POST", &format!("/api/v1/recordings/erase?{asked}"), &headers, None).unwrap()
    };
    assert_eq!(erase(&token, &format!("site={}", site.key)).status, 403, "who watches erases nothing");
    let vague = erase(&admin, "sort=length");
    assert_eq!(
        (vague.status, vague.json()["field"].as_str()),
        (422, Some("site")),
        "nobody erases all by leaving a word out"
    );
    assert_eq!(erase(&admin, "sight=x").status, 422);

    // By page: of both sites, the one that bought and the one that began there.
    let done = erase(&admin, "page=/cart").json();
    assert_eq!(done, json!({ "erased": 2, "restricted": 0, "next": null }));
    let shown = |number: u8| server.get_as(&token, &format!("/api/v1/recordings/{}", id(number))).status;
    assert_eq!((1..=5).map(shown).collect::<Vec<_>>(), [200, 404, 200, 200, 404]);

    // By time, one of which is restricted.
    server.cli_json(&["recording", "restrict", &id(3), "--reason", "asked"]);
    let counted = server.cli_json(&["recording", "erase", "--site", &site.key]);
    assert_eq!((&counted["recordings"], &counted["erased"], &counted["done"]), (&json!(3), &json!(0), &json!(false)));
    assert_eq!(shown(1), 200, "nothing without --yes");
    let before = server.cli_json(&["recording", "erase", "--site", &site.key, "--to", "2020-01-01", "--yes"]);
    assert_eq!(before["erased"], 0);
    let done = server.cli_json(&["recording", "erase", "--site", &site.key, "--from", "2020-01-01", "--yes"]);
    assert_eq!((&done["erased"], &done["restricted"]), (&json!(2), &json!(1)));
    assert_eq!((1..=4).map(shown).collect::<Vec<_>>(), [404, 404, 200, 404]);
    assert_eq!(server.cli(&["recording", "erase", "--page", "/x", "--yes"]).status.code(), Some(2));
    assert_eq!(erase(&admin, &format!("site={}", other.key)).json()["erased"], 0);
}

#[test]
fn nothing_is_erased_by_page_while_older_recordings_are_still_being_looked_through() {
    let Shop { server, token, .. } = shop();
    let admin = server.token("admin");
    // As an upgrade leaves them, until the server has come to them.
    let meta = rusqlite::Connection::open(server.data().join("meta.db")).unwrap();
    meta.execute("update recording set terms = null where device = 'phone'", []).unwrap();
    let headers = [("authorization", &*format!("Bearer {admin}"))];
    let refused = server.ask("POST", "/api/v1/recordings/erase?page=/cart", &headers, None).unwrap();
    assert_eq!((refused.status, refused.header("retry-after")), (503, "60"));
    let refused = server.cli(&["recording", "erase", "--site", &server.site(&[]).key, "--page", "/cart", "--yes"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("still being looked through"));
    assert_eq!(server.get_as(&token, &format!("/api/v1/recordings/{}", id(2))).status, 200);
}
