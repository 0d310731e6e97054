//! A bound on what one document may cost: the engine keeps a copy of what it finds fault with, for each fault.

use serde_json::Value;

/// How many items the lists of a document may have together before it is cut.
pub(super) const MOST_ITEMS: usize = 2000;

/// The document with only the first items of its lists, in its own order; none where it has no more than those.
pub(super) fn cut(document: &Value) -> Option<Value> {
    let mut left = MOST_ITEMS;
    let cut = take(document, &mut left);
    (left == 0 && cut != *document).then_some(cut)
}

fn take(value: &Value, left: &mut usize) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(name, v)| (name.clone(), take(v, left))).collect(),
        Value::Array(items) => {
            let mut kept = Vec::new();
            for item in items {
                if *left == 0 {
                    break;
                }
                *left -= 1;
                kept.push(take(item, left));
            }
            kept.into()
        }
        other => other.clone(),
    }
}

/// The document with one of its lists and none of the others.
pub(super) fn only(document: &Value, list: &str) -> Value {
    let mut one = document.clone();
    if let Value::Object(members) = &mut one {
        members.retain(|name, value| name == list || !value.is_array());
    }
    one
}
