//! The rules of one style sheet, and how scripts insert and delete them.

/// A style sheet: its text, cut into rules only once someone asks for one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    text: String,
    rules: Option<Vec<String>>,
}

impl Sheet {
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), rules: None }
    }

    /// All rules as one text.
    pub fn text(&self) -> String {
        match &self.rules {
            Some(rules) => rules.join("\n"),
            None => self.text.clone(),
        }
    }

    /// The rules one by one.
    pub fn rules(&self) -> Vec<String> {
        match &self.rules {
            Some(rules) => rules.clone(),
            None => split(&self.text),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        match &self.rules {
            Some(rules) => rules.iter().map(String::len).sum(),
            None => self.text.len(),
        }
    }

    /// Insert a rule at this path, or delete the one that is there. False if there is no such place.
    pub(super) fn edit(&mut self, path: &[u32], text: Option<&str>) -> bool {
        let rules = self.rules.get_or_insert_with(|| split(&self.text));
        self.text.clear();
        edit(rules, path, text)
    }
}

fn edit(rules: &mut Vec<String>, path: &[u32], text: Option<&str>) -> bool {
    let Some((index, inner)) = path.split_first() else { return false };
    let index = *index as usize;
    if inner.is_empty() {
        return match text {
            Some(text) if index <= rules.len() => {
                rules.insert(index, text.to_owned());
                true
            }
            None if index < rules.len() => {
                rules.remove(index);
                true
            }
            Some(_) | None => false,
        };
    }
    let Some(rule) = rules.get_mut(index) else { return false };
    let (Some(begin), Some(end)) = (rule.find('{'), rule.rfind('}')) else { return false };
    if end < begin {
        return false;
    }
    let mut nested = split(&rule[begin + 1..end]);
    let done = edit(&mut nested, inner, text);
    if done {
        *rule = format!("{}{{{}}}", &rule[..begin], nested.join("\n"));
    }
    done
}

/// Cut a text into its rules: each ends with its block, or at a semicolon outside any.
fn split(text: &str) -> Vec<String> {
    let mut rules = Vec::new();
    let (mut from, mut depth) = (0, 0_usize);
    let mut signs = text.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '\\' => drop(signs.next()),
            '"' | '\'' => skip_string(&mut signs, sign),
            '{' | '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    push(&mut rules, &text[from..=at]);
                    from = at + 1;
                }
            }
            ';' if depth == 0 => {
                push(&mut rules, &text[from..=at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    push(&mut rules, &text[from..]);
    rules
}

fn skip_string(signs: &mut std::str::CharIndices<'_>, quote: char) {
    while let Some((_, sign)) = signs.next() {
        match sign {
            '\\' => drop(signs.next()),
            '\n' => return,
            end if end == quote => return,
            _ => {}
        }
    }
}

fn push(rules: &mut Vec<String>, rule: &str) {
    let rule = rule.trim();
    if !rule.is_empty() {
        rules.push(rule.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_inserted_and_deleted_where_scripts_do() {
        let mut sheet = Sheet::new("a{b:c}\n@media (x){p{q:r}s{t:\"}\"}}@layer a, b;");
        assert_eq!(sheet.rules(), ["a{b:c}", "@media (x){p{q:r}s{t:\"}\"}}", "@layer a, b;"]);
        assert!(sheet.edit(&[0], Some("z{}")));
        assert!(sheet.edit(&[2, 1], None));
        assert!(sheet.edit(&[2, 1], Some("n{}")));
        assert!(!sheet.edit(&[9], Some("x{}")));
        assert!(!sheet.edit(&[0, 3], None));
        assert_eq!(sheet.text(), "z{}\na{b:c}\n@media (x){p{q:r}\nn{}}\n@layer a, b;");
    }

    #[test]
    fn an_empty_sheet_takes_rules() {
        let mut sheet = Sheet::new("");
        assert!(sheet.edit(&[0], Some("a{}")));
        assert!(!sheet.edit(&[], Some("a{}")));
        assert_eq!(sheet.text(), "a{}");
    }
}
