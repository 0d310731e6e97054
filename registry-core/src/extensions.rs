//! The registry's own members beside the official one in `_meta` (`org.cardinal-registry/…`): one JSON object a version, written by
//! several parts, each of which owns members and leaves the others' alone.

use serde_json::{Map, Value};

/// How far a name is proved, and by what.
pub const EVIDENCE: &str = "org.cardinal-registry/evidence";
/// What a crawl saw.
pub const CRAWL: &str = "org.cardinal-registry/crawl";
/// In [`CRAWL`]: since when a listing is looked for in vain.
pub const MISSING: &str = "missingSince";
/// In [`CRAWL`]: what the crawler remembers of a version that it withdrew.
pub const WITHDRAWN: &str = "withdrawn";
/// Whether the remotes answer.
pub const LIVENESS: &str = "org.cardinal-registry/liveness";
/// What a live server says it can do.
pub const TOOLS: &str = "org.cardinal-registry/tools";

/// The text with these members in place of those it had: `None` takes one away, members that are not named stay.
///
/// The members stand in alphabetical order, so that the same facts are the same bytes; without any the text is empty.
pub fn with(extensions: &str, members: &[(&str, Option<Value>)]) -> Box<str> {
    let mut all: Map<String, Value> = serde_json::from_str(extensions).unwrap_or_default();
    for (member, value) in members {
        match value {
            Some(value) => _ = all.insert((*member).to_owned(), value.clone()),
            None => _ = all.remove(*member),
        }
    }
    if all.is_empty() {
        return "".into();
    }
    all.sort_keys();
    Value::from(all).to_string().into()
}

/// One member of the text, where it has it.
pub fn member(extensions: &str, member: &str) -> Option<Value> {
    let mut all: Map<String, Value> = serde_json::from_str(extensions).ok()?;
    all.remove(member)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_part_writes_its_own_members() {
        let crawled =
            with("", &[(EVIDENCE, Some(json!({ "level": "host-bound" }))), (CRAWL, Some(json!({})))]);
        let probed = with(&crawled, &[(LIVENESS, Some(json!({ "state": "alive" })))]);
        assert_eq!(member(&probed, EVIDENCE), Some(json!({ "level": "host-bound" })));
        assert_eq!(member(&probed, LIVENESS), Some(json!({ "state": "alive" })));
        assert_eq!(with(&probed, &[(LIVENESS, None)]), crawled);
        assert_eq!(&*with(&crawled, &[(EVIDENCE, None), (CRAWL, None)]), "");
    }

    #[test]
    fn a_text_that_is_no_object_has_no_members() {
        for odd in ["", "[]", "no json"] {
            assert_eq!(member(odd, EVIDENCE), None, "{odd}");
            assert_eq!(&*with(odd, &[(CRAWL, Some(json!(1)))]), r#"{"org.cardinal-registry/crawl":1}"#);
        }
    }
}
