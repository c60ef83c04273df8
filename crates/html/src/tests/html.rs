//! As much of a reader of HTML as tests of our own pages need. It is stricter than a browser: every
//! tag is closed that has an end, and nothing is mended.

use std::collections::BTreeSet;

/// Elements without an end.
const VOID: [&str; 8] = ["meta", "link", "input", "hr", "br", "img", "use", "path"];
/// Elements whose parent must be one of these.
const WITHIN: [(&str, &[&str]); 7] = [
    ("li", &["ul", "ol"]),
    ("dt", &["dl", "div"]),
    ("dd", &["dl", "div"]),
    ("legend", &["fieldset"]),
    ("option", &["select", "optgroup"]),
    ("summary", &["details"]),
    ("tr", &["thead", "tbody", "table"]),
];
/// Elements that hold text and other such elements, and nothing of a page's structure.
const PHRASING_ONLY: [&str; 13] = [
    "p", "h1", "h2", "h3", "span", "a", "button", "label", "strong", "legend", "time", "code",
    "bdi",
];
const STRUCTURE: [&str; 19] = [
    "div", "p", "ul", "ol", "dl", "form", "section", "h1", "h2", "h3", "fieldset", "hr", "main",
    "nav", "header", "footer", "details", "table", "li",
];

/// A page, taken apart.
pub(crate) struct Document {
    elements: Vec<Element>,
}

/// An element with its attributes and the text in it.
pub(crate) struct Element {
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    /// From the outermost to the parent, as places in the document.
    above: Vec<usize>,
    pub(crate) text: String,
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Document {
    pub(crate) fn parse(html: &str) -> Result<Self, String> {
        let rest = html
            .strip_prefix("<!DOCTYPE html>")
            .ok_or("has no doctype")?;
        let mut elements: Vec<Element> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let mut rest = rest;
        while let Some((text, tag)) = rest.split_once('<') {
            for place in &open {
                elements[*place].text.push_str(text);
            }
            let (tag, after) = tag.split_once('>').ok_or("has a tag without an end")?;
            rest = after;
            if let Some(name) = tag.strip_prefix('/') {
                let place = open
                    .pop()
                    .ok_or_else(|| format!("</{name}> closes nothing"))?;
                if elements[place].name != name {
                    return Err(format!("</{name}> closes <{}>", elements[place].name));
                }
                continue;
            }
            let (name, attributes) = tag_of(tag.trim_end_matches('/'))?;
            let is_void = VOID.contains(&name.as_str());
            elements.push(Element {
                name,
                attributes,
                above: open.clone(),
                text: String::new(),
            });
            if !is_void {
                open.push(elements.len() - 1);
            }
        }
        match open.last() {
            Some(place) => Err(format!("<{}> is not closed", elements[*place].name)),
            None => Ok(Self { elements }),
        }
    }

    pub(crate) fn all(&self) -> &[Element] {
        &self.elements
    }

    pub(crate) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements
            .iter()
            .filter(move |element| element.name == name)
    }

    fn names_above(&self, element: &Element) -> Vec<&str> {
        let above = element.above.iter();
        above
            .map(|place| self.elements[*place].name.as_str())
            .collect()
    }

    /// What stands where it may not.
    pub(crate) fn nesting(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for element in &self.elements {
            let name = element.name.as_str();
            let above = self.names_above(element);
            let parent = above.last().copied().unwrap_or_default();
            for (inner, outer) in WITHIN {
                if name == inner && !outer.contains(&parent) {
                    problems.push(format!("<{inner}> within <{parent}>"));
                }
            }
            if STRUCTURE.contains(&name) {
                let around = above.iter().find(|outer| PHRASING_ONLY.contains(outer));
                problems.extend(around.map(|outer| format!("<{name}> within <{outer}>")));
            }
            if matches!(parent, "ul" | "ol") && name != "li" {
                problems.push(format!("<{name}> directly within a list"));
            }
            for alone in ["form", "a", "button", "label", "main"] {
                if name == alone && above.contains(&alone) {
                    problems.push(format!("<{alone}> within another"));
                }
            }
            if matches!(name, "a" | "button" | "input")
                && element.attribute("type") != Some("hidden")
            {
                let around = above.iter().find(|outer| matches!(**outer, "a" | "button"));
                problems.extend(around.map(|outer| format!("<{name}> within <{outer}>")));
            }
        }
        problems
    }

    fn ids(&self) -> Vec<&str> {
        let ids = self
            .elements
            .iter()
            .filter_map(|element| element.attribute("id"));
        ids.collect()
    }

    /// Fields and buttons that say nothing.
    pub(crate) fn unlabelled(&self) -> Vec<String> {
        let labelled: BTreeSet<&str> = self
            .named("label")
            .filter_map(|label| label.attribute("for"))
            .collect();
        let mut problems = Vec::new();
        for element in &self.elements {
            // A field that nobody sees may tell a password manager whose password it is.
            let is_field = matches!(element.name.as_str(), "input" | "select" | "textarea")
                && element.attribute("type") != Some("hidden")
                && element.attribute("hidden").is_none();
            let has_label = element
                .attribute("id")
                .is_some_and(|id| labelled.contains(id))
                || self.names_above(element).contains(&"label")
                || element.attribute("aria-label").is_some();
            if is_field && !has_label {
                problems.push(format!("<{}> without a label", element.name));
            }
            if is_field && element.attribute("placeholder").is_some() {
                problems.push("a placeholder in place of a hint".to_owned());
            }
            let speaks =
                !element.text.trim().is_empty() || element.attribute("aria-label").is_some();
            if matches!(
                element.name.as_str(),
                "button" | "a" | "h1" | "h2" | "h3" | "label" | "legend" | "title" | "summary"
            ) && !speaks
            {
                problems.push(format!("<{}> without a word", element.name));
            }
        }
        problems
    }

    /// Ids that are there twice, and references to none.
    pub(crate) fn dangling(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut ids = BTreeSet::new();
        for id in self.ids() {
            if !ids.insert(id) {
                problems.push(format!("the id {id} twice"));
            }
        }
        for element in &self.elements {
            let mut wanted: Vec<&str> = Vec::new();
            for name in [
                "for",
                "popovertarget",
                "aria-describedby",
                "aria-labelledby",
                "data-copy",
                "form",
            ] {
                wanted.extend(element.attribute(name).unwrap_or_default().split(' '));
            }
            if element.name == "a" {
                wanted.extend(
                    element
                        .attribute("href")
                        .and_then(|href| href.strip_prefix('#')),
                );
            }
            let lost = wanted
                .into_iter()
                .filter(|id| !id.is_empty() && !ids.contains(id));
            problems.extend(lost.map(|id| format!("<{}> refers to #{id}", element.name)));
        }
        problems
    }

    /// What the policy of our pages would stop, or what is loaded from elsewhere.
    pub(crate) fn foreign(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for element in &self.elements {
            for (name, value) in &element.attributes {
                let is_handler = name.starts_with("on");
                if is_handler || name == "style" {
                    problems.push(format!("<{}> with {name}", element.name));
                }
                let is_loaded = name == "src"
                    || (name == "href" && matches!(element.name.as_str(), "link" | "use"));
                if is_loaded && !value.starts_with("/assets/") {
                    problems.push(format!("<{}> loads {value}", element.name));
                }
            }
            let is_inline = element.name == "style"
                || (element.name == "script" && element.attribute("src").is_none());
            if is_inline {
                problems.push(format!("<{}> of its own", element.name));
            }
        }
        problems
    }

    /// Forms that lack what every form has.
    pub(crate) fn forms(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (place, form) in self.elements.iter().enumerate() {
            if form.name != "form" || form.attribute("method") != Some("post") {
                continue;
            }
            let within: Vec<&Element> = self
                .elements
                .iter()
                .filter(|element| element.above.contains(&place))
                .collect();
            let action = form.attribute("action").unwrap_or_default();
            if !action.starts_with('/') {
                problems.push(format!("a form that goes to {action:?}"));
            }
            let has = |name: &str| {
                within
                    .iter()
                    .any(|element| element.attribute("name") == Some(name))
            };
            if !has("csrf") {
                problems.push(format!("the form to {action} has no token"));
            }
            let has_field = within.iter().any(|element| {
                matches!(element.name.as_str(), "input" | "textarea" | "select")
                    && element.attribute("type") != Some("hidden")
            });
            if has_field && form.attribute("novalidate").is_none() {
                problems.push(format!("the form to {action} lets the browser check"));
            }
            if !within.iter().any(|element| element.name == "button") {
                problems.push(format!("the form to {action} has no button"));
            }
        }
        problems
    }
}

/// Name and attributes of an opening tag.
fn tag_of(tag: &str) -> Result<(String, Vec<(String, String)>), String> {
    let (name, rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let mut attributes = Vec::new();
    let mut rest = rest.trim();
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(rest.len());
        let own = rest[..end].to_owned();
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let (inner, after) = quoted
                .split_once('"')
                .ok_or("an attribute without an end")?;
            inner.clone_into(&mut value);
            if !after.is_empty() && !after.starts_with(char::is_whitespace) {
                return Err(format!("two attributes without a blank in <{tag}>"));
            }
            rest = after;
        } else if rest.starts_with('=') {
            return Err(format!("an attribute without quotes in <{tag}>"));
        }
        if attributes.iter().any(|(other, _)| *other == own) {
            return Err(format!("the attribute {own} twice in <{tag}>"));
        }
        attributes.push((own, value));
        rest = rest.trim_start();
    }
    Ok((name.to_owned(), attributes))
}

#[test]
fn what_is_wrong_with_a_page_is_found() {
    let found = |html: &str| match Document::parse(&format!("<!DOCTYPE html>{html}")) {
        Ok(document) => {
            let all = [
                document.nesting(),
                document.unlabelled(),
                document.dangling(),
                document.foreign(),
                document.forms(),
            ];
            all.concat().join("; ")
        }
        Err(problem) => problem,
    };
    for (html, problem) in [
        ("<p><div></div></p>", "<div> within <p>"),
        ("<ul><p>a</p></ul>", "<p> directly within a list"),
        ("<div></p>", "</p> closes <div>"),
        ("<div>", "<div> is not closed"),
        ("<input id=\"a\">", "<input> without a label"),
        ("<label for=\"a\">A</label>", "<label> refers to #a"),
        ("<i id=\"a\"></i><i id=\"a\"></i>", "the id a twice"),
        ("<p style=\"color:red\">a</p>", "<p> with style"),
        (
            "<script src=\"https://e.org/\"></script>",
            "<script> loads https://e.org/",
        ),
        ("<button></button>", "<button> without a word"),
        (
            "<form method=\"post\" action=\"/a\"><button>A</button></form>",
            "the form to /a has no token",
        ),
        (
            "<a href=\"/\" href=\"/\">a</a>",
            "the attribute href twice in <a href=\"/\" href=\"/\">",
        ),
    ] {
        assert_eq!(found(html), problem);
    }
}
