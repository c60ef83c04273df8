//! Forms of pages: reading them, and what browsers make of them.

/// A form of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageForm {
    /// Where it is sent to.
    pub action: String,
    /// Whether it is posted, and not sent by its address.
    pub is_posted: bool,
    /// Its hidden fields, in their order.
    pub hidden: Vec<(String, String)>,
}

impl PageForm {
    /// What is sent when this is typed into it: its hidden fields, but for those that are typed.
    pub(crate) fn filled_in<'f>(&'f self, typed: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
        let hidden = self.hidden.iter();
        let hidden = hidden.map(|(name, value)| (name.as_str(), value.as_str()));
        hidden
            .filter(|(name, _)| !typed.iter().any(|(other, _)| other == name))
            .chain(typed.iter().copied())
            .collect()
    }
}

/// All forms of a page.
pub(crate) fn of_page(html: &str) -> Vec<PageForm> {
    let mut forms = Vec::new();
    for part in html.split("<form").skip(1) {
        let (form, _) = part.split_once("</form>").expect("a form has an end");
        let (tag, content) = form.split_once('>').expect("a tag has an end");
        let hidden = content.split("<input").skip(1).filter_map(|input| {
            let (tag, _) = input.split_once('>')?;
            if attribute(tag, "type")? != "hidden" {
                return None;
            }
            Some((attribute(tag, "name")?, attribute(tag, "value")?))
        });
        forms.push(PageForm {
            action: attribute(tag, "action").unwrap_or_default(),
            is_posted: attribute(tag, "method").as_deref() == Some("post"),
            hidden: hidden.collect(),
        });
    }
    forms
}

/// The form of a page that is posted to this path.
#[track_caller]
pub(crate) fn that_goes_to(action: &str, html: &str) -> PageForm {
    let forms = of_page(html);
    let actions: Vec<_> = forms.iter().map(|form| form.action.clone()).collect();
    let found = forms
        .into_iter()
        .find(|form| form.is_posted && form.action == action);
    found.unwrap_or_else(|| panic!("no form goes to {action}, only to {actions:?}: {html}"))
}

/// Fields as the body of a request.
pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// The value of an attribute in a tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let (value, _) = tag[start..].split_once('"')?;
    Some(unescaped(value))
}

fn unescaped(text: &str) -> String {
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#38;", "&"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&amp;", "&"),
    ];
    let mut text = text.to_owned();
    for (entity, character) in entities {
        text = text.replace(entity, character);
    }
    text
}

fn escaped(text: &str) -> String {
    let bytes = text.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
            char::from(byte).to_string()
        }
        b' ' => "+".to_owned(),
        byte => format!("%{byte:02X}"),
    });
    bytes.collect()
}
