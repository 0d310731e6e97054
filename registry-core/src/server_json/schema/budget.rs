//! A bound on what one document may cost: the engine keeps a copy of what it finds fault with, for each fault.

use serde_json::Value;

/// How many items the lists of a document may have together before it is cut.
pub(super) const MOST_ITEMS: usize = 2000;

/// The document with only the first items of its lists, in its own order; none where it has no more than those.
pub(super) fn cut(document: &Value) -> Option<Value> {
    (items(document) > MOST_ITEMS).then(|| take(document, &mut { MOST_ITEMS }))
}

fn items(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.values().map(items).sum(),
        Value::Array(list) => list.len() + list.iter().map(items).sum::<usize>(),
        _ => 0,
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_items_are_kept_wherever_they_stand() {
        let small = json!({ "icons": [{ "sizes": ["any"] }], "packages": vec![json!({}); MOST_ITEMS - 2] });
        assert_eq!((items(&small), cut(&small)), (MOST_ITEMS, None));
        let large = json!({ "icons": [{ "sizes": vec!["any"; 10] }], "packages": vec![json!({}); MOST_ITEMS], "version": "1" });
        let cut = cut(&large).expect("it is too large");
        assert_eq!((items(&cut), &cut["icons"], &cut["version"]), (MOST_ITEMS, &large["icons"], &json!("1")));
        let one = json!({ "icons": large["icons"], "version": "1" });
        assert_eq!(only(&large, "icons"), one);
    }
}
