use std::io::BufReader;

use super::*;

type Cut = (Vec<(u64, String)>, Result<(), SplitError>);
type How = fn(&mut Splitter<BufReader<&[u8]>>, Each<'_>) -> Result<(), SplitError>;

/// Cuts `text`, read three bytes at a time, so that every state crosses a boundary.
fn cut(text: &[u8], how: How) -> Cut {
    let mut splitter = Splitter::new(BufReader::with_capacity(3, text));
    let mut pieces = Vec::new();
    let result = how(&mut splitter, &mut |line, piece| {
        pieces.push((
            line,
            match piece {
                Piece::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                Piece::TooLong => "too long".to_owned(),
            },
        ));
        Ok(())
    });
    (pieces, result)
}

fn pieces(expected: &[(u64, &str)]) -> Vec<(u64, String)> {
    expected.iter().map(|(line, text)| (*line, (*text).to_owned())).collect()
}

#[test]
fn lines_are_numbered_and_blank_ones_left_out() {
    let (found, result) = cut(b"{\"a\":1}\r\n\n  \nno json\n{\"b\":2}", |s, each| s.lines(each));
    assert!(result.is_ok());
    assert_eq!(found, pieces(&[(1, "{\"a\":1}\r"), (4, "no json"), (5, "{\"b\":2}")]));
}

#[test]
fn brackets_and_quotes_inside_strings_do_not_end_an_element() {
    let text = br#"[ {"a":"]}\"\\"} ,
 [1,[2]],"x,y", null
,{"b":{"c":[]}}]"#;
    let (found, result) = cut(text, |s, each| s.array(each));
    assert!(result.is_ok());
    assert_eq!(
        found,
        pieces(&[
            (1, r#"{"a":"]}\"\\"}"#),
            (2, "[1,[2]]"),
            (2, "\"x,y\""),
            (2, "null"),
            (3, r#"{"b":{"c":[]}}"#)
        ])
    );
}

#[test]
fn an_element_that_is_no_json_does_not_take_the_next_one_with_it() {
    let (found, result) = cut(b"[{\"a\":tru}, }, nul\"x\", {\"b\":1}]", |s, each| s.array(each));
    assert!(result.is_ok());
    assert_eq!(found, pieces(&[(1, "{\"a\":tru}"), (1, "}"), (1, "nul"), (1, "\"x\""), (1, "{\"b\":1}")]));
}

#[test]
fn an_array_that_is_cut_off_is_told() {
    let (found, result) = cut(b"[{\"a\":1},\n{\"b\":", |s, each| s.array(each));
    assert_eq!(found.len(), 1);
    assert!(matches!(result, Err(SplitError::Ends(2))));
}

#[test]
fn a_list_gives_its_servers_and_its_metadata_in_any_order() {
    for text in [
        r#"{"servers":[{"a":1}],"other":{"servers":[1]},"metadata":{"nextCursor":"c"}}"#,
        r#"{"metadata":{"nextCursor":"c"},"servers":[{"a":1}]}"#,
    ] {
        let mut splitter = Splitter::new(text.as_bytes());
        let mut count = 0;
        let metadata = splitter.list(&mut |_, _| {
            count += 1;
            Ok(())
        });
        assert_eq!(metadata.expect("a list"), Some(br#"{"nextCursor":"c"}"#.to_vec()));
        assert_eq!(count, 1);
        splitter.end().expect("nothing more");
    }
}

#[test]
fn an_object_without_servers_is_no_list() {
    let (_, result) = cut(br#"{"error":"no"}"#, |s, each| s.list(each).map(drop));
    assert!(matches!(result, Err(SplitError::Form { .. })));
    let (found, result) = cut(br#"{"servers":null}"#, |s, each| s.list(each).map(drop));
    assert!(found.is_empty() && result.is_ok());
}

#[test]
fn an_entry_over_the_limit_is_told_and_passed() {
    let long = vec![b'a'; MAX_ENTRY + 1];
    let text = [b"[\"", long.as_slice(), b"\",1]"].concat();
    let mut splitter = Splitter::new(text.as_slice());
    let mut found = Vec::new();
    splitter
        .array(&mut |_, piece| {
            found.push(piece == Piece::TooLong);
            Ok(())
        })
        .expect("an array");
    assert_eq!(found, [true, false]);
    let text = [long.as_slice(), b"\n{}\n"].concat();
    let mut found = Vec::new();
    Splitter::new(text.as_slice())
        .lines(&mut |line, piece| {
            found.push((line, piece == Piece::TooLong));
            Ok(())
        })
        .expect("lines");
    assert_eq!(found, [(1, true), (2, false)]);
}
