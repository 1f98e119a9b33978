//! The class of a browser, from what it says of itself. The text itself is not kept.

/// Names as lists show them; empty where unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agent {
    pub browser: &'static str,
    pub os: &'static str,
    pub device: &'static str,
    /// A program that says so itself.
    pub bot: bool,
}

/// Read a user agent. More special names stand before those they also claim.
pub fn classify(text: &str) -> Agent {
    let first = |table: &[(&str, &'static str)]| {
        table.iter().find(|(token, _)| text.contains(token)).map_or("", |(_, name)| *name)
    };
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("YaBrowser", "Yandex"),
        ("Vivaldi", "Vivaldi"),
        ("Firefox/", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let os = first(&[
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iOS"),
        ("iPad", "iPadOS"),
        ("CrOS", "ChromeOS"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    let tablet = text.contains("iPad") || (text.contains("Android") && !text.contains("Mobile"));
    let phone = text.contains("iPhone") || text.contains("Mobile");
    let device = if tablet {
        "tablet"
    } else if phone {
        "phone"
    } else {
        "desktop"
    };
    // A maker of telephones has a name that ends like theirs.
    let said = text.to_ascii_lowercase().replace("cubot", "");
    let bot = BOTS.iter().any(|word| said.contains(word));
    Agent { browser, os, device, bot }
}

/// Words by which programs name themselves.
const BOTS: [&str; 5] = ["bot", "crawl", "spider", "headless", "lighthouse"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_known_by_their_most_special_name() {
        for (text, browser, os, device) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0",
                "Edge",
                "Windows",
                "desktop",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
                "Safari",
                "iOS",
                "phone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
                "Chrome",
                "Android",
                "tablet",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox", "Linux", "desktop"),
            ("", "", "", "desktop"),
        ] {
            assert_eq!(classify(text), Agent { browser, os, device, bot: false });
        }
    }

    #[test]
    fn programs_that_say_so_are_no_visitors() {
        for text in [
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/130.0.0.0 Safari/537.36",
            "SomeSpider/1.0",
        ] {
            assert!(classify(text).bot, "{text}");
        }
    }
}
