//! JSON as Python's `json.dumps` writes it, and the checksum at its end.
//!
//! Index and collections files end in a checksum key of fixed length. Readers that do not know it ignore it; for
//! those that do, it covers every byte before it.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::ser::{CharEscape, Formatter, Serializer};
use std::io::{self, Write};

use crate::error::Error;

const KEY: &str = ", \"crc32c\": \"";
const DIGITS: usize = 8;

/// Text of `value` with `", "` and `": "` as separators and every non-ASCII character escaped.
pub(crate) fn to_python_json(value: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut text = Vec::with_capacity(256);
    value.serialize(&mut Serializer::with_formatter(&mut text, PythonFormatter))?;
    Ok(text)
}

/// Puts the checksum into the last `closing` braces of `text`: into the object they close.
fn seal(text: &mut Vec<u8>, closing: &str) {
    text.truncate(text.len().saturating_sub(closing.len()));
    let sum = crc32c::crc32c(text);
    text.extend_from_slice(format!("{KEY}{sum:08x}\"{closing}").as_bytes());
}

/// Whether a seal is there, and right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seal {
    Absent,
    Intact,
    Broken { stored: u32, computed: u32 },
}

/// Looks for the checksum that [`seal`] writes.
fn check_seal(text: &[u8], closing: &str) -> Seal {
    let found = (|| {
        let digits_end = text.strip_suffix(closing.as_bytes())?.strip_suffix(b"\"")?;
        let (before, digits) = digits_end.split_at_checked(digits_end.len().checked_sub(DIGITS)?)?;
        let covered = before.strip_suffix(KEY.as_bytes())?;
        let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let digits = std::str::from_utf8(digits).ok().filter(|_| digits.iter().all(is_digit))?;
        let stored = u32::from_str_radix(digits, 16).ok()?;
        Some((stored, crc32c::crc32c(covered)))
    })();
    match found {
        None => Seal::Absent,
        Some((stored, computed)) if stored == computed => Seal::Intact,
        Some((stored, computed)) => Seal::Broken { stored, computed },
    }
}

/// Reads JSON and checks its seal. `claims_seal` says whether the parsed value has a checksum key: then one must be at
/// the end of the text.
pub(crate) fn parse_sealed<T: DeserializeOwned>(
    text: &[u8],
    path: &str,
    closing: &str,
    claims_seal: impl Fn(&T) -> bool,
) -> Result<T, Error> {
    let damaged = |offset: u64, reason: String| Error::Damaged { path: path.to_owned(), offset, reason };
    let value: T =
        serde_json::from_slice(text).map_err(|e| damaged(error_offset(text, &e), e.to_string()))?;
    match check_seal(text, closing) {
        Seal::Broken { stored, computed } => {
            Err(damaged(0, format!("its checksum is {computed:08x}, the file says {stored:08x}")))
        }
        Seal::Absent if claims_seal(&value) => {
            Err(damaged(0, "its checksum is not where it belongs".to_owned()))
        }
        Seal::Absent | Seal::Intact => Ok(value),
    }
}

/// Text of `value`, sealed.
pub(crate) fn to_sealed(value: &impl Serialize, path: &str, closing: &str) -> Result<Vec<u8>, Error> {
    let mut text = to_python_json(value).map_err(|e| Error::Damaged {
        path: path.to_owned(),
        offset: 0,
        reason: e.to_string(),
    })?;
    seal(&mut text, closing);
    Ok(text)
}

/// Byte offset of a parse error. The files are one line, but damaged ones need not be.
pub(crate) fn error_offset(text: &[u8], error: &serde_json::Error) -> u64 {
    let before: usize =
        text.split_inclusive(|&b| b == b'\n').take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
    (before + error.column().saturating_sub(1)).min(text.len()) as u64
}

struct PythonFormatter;

impl Formatter for PythonFormatter {
    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if fragment.is_ascii() {
            return writer.write_all(fragment.as_bytes());
        }
        for character in fragment.chars() {
            if character.is_ascii() {
                writer.write_all(&[character as u8])?;
            } else {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        match escape {
            CharEscape::Quote => writer.write_all(b"\\\""),
            CharEscape::ReverseSolidus => writer.write_all(b"\\\\"),
            CharEscape::Solidus => writer.write_all(b"/"),
            CharEscape::Backspace => writer.write_all(b"\\b"),
            CharEscape::FormFeed => writer.write_all(b"\\f"),
            CharEscape::LineFeed => writer.write_all(b"\\n"),
            CharEscape::CarriageReturn => writer.write_all(b"\\r"),
            CharEscape::Tab => writer.write_all(b"\\t"),
            CharEscape::AsciiControl(byte) => write!(writer, "\\u{byte:04x}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_that_of_python() {
        // python3 -c 'import json; print(json.dumps({"a": [1, "\u00e9\u2603\U0001f600\"\n"], "b": {}}))'
        let value = serde_json::json!({"a": [1, "é☃😀\"\n"], "b": {}});
        let text = String::from_utf8(to_python_json(&value).unwrap()).unwrap();
        assert_eq!(text, r#"{"a": [1, "\u00e9\u2603\ud83d\ude00\"\n"], "b": {}}"#);
    }

    #[test]
    fn any_flipped_bit_is_noticed() {
        let mut text = br#"{"meta": {"mode": "EVAL"}, "tensor_payload": []}"#.to_vec();
        seal(&mut text, "}");
        assert_eq!(check_seal(&text, "}"), Seal::Intact);
        for bit in 0..text.len() * 8 {
            let mut flipped = text.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(check_seal(&flipped, "}"), Seal::Intact, "bit {bit}");
        }
    }
}
