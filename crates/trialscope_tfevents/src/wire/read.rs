use crate::Error;

use super::{DELIMITED, FIXED32, FIXED64, GROUP_END, GROUP_START, VARINT};

/// Nesting of unknown groups that is skipped; Google's parsers stop at the same depth.
const MAX_GROUP_DEPTH: u32 = 100;

/// A message to be read field by field, in the order of the bytes. After an error it ends.
#[derive(Debug, Clone)]
pub(crate) struct Message<'a> {
    /// What is still to be read.
    rest: &'a [u8],
    /// Where `rest` starts in the payload.
    at: usize,
}

/// One field's value. Numbers stay bytes or `u64` until the schema says what they are.
#[derive(Debug, Clone)]
pub(crate) enum Data<'a> {
    Varint(u64),
    Fixed64([u8; 8]),
    Fixed32([u8; 4]),
    Delimited(Message<'a>),
    /// A group, a form no known field has; it was skipped.
    Group,
}

impl<'a> Message<'a> {
    /// The whole payload as a message.
    pub(crate) fn new(payload: &'a [u8]) -> Self {
        Self { rest: payload, at: 0 }
    }

    /// The bytes still to be read: all, for a field that is not a message.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.rest
    }

    /// The bytes as text.
    pub(crate) fn text(&self) -> Result<&'a str, Error> {
        str::from_utf8(self.rest).map_err(|_| self.malformed("text is not UTF-8"))
    }

    /// The bytes as packed numbers of `N` bytes each.
    pub(crate) fn packed<const N: usize>(&self) -> Result<&'a [[u8; N]], Error> {
        match self.rest.as_chunks() {
            (numbers, []) => Ok(numbers),
            _ => Err(self.malformed("packed numbers end inside a number")),
        }
    }

    /// Reads one of the packed varints.
    pub(crate) fn next_varint(&mut self) -> Result<Option<u64>, Error> {
        if self.rest.is_empty() { Ok(None) } else { self.varint().map(Some) }
    }

    /// The number and value of the next field; `None` at the end.
    pub(crate) fn next_field(&mut self) -> Result<Option<(u32, Data<'a>)>, Error> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (number, wire_type) = self.tag()?;
        let data = match wire_type {
            GROUP_START => {
                self.skip_group(number, 1)?;
                Data::Group
            }
            _ => self.data(wire_type)?,
        };
        Ok(Some((number, data)))
    }

    fn tag(&mut self) -> Result<(u32, u32), Error> {
        let start = self.clone();
        let tag = u32::try_from(self.varint()?).map_err(|_| start.malformed("field number out of range"))?;
        match (tag >> 3, tag & 7) {
            (0, _) => Err(start.malformed("field number 0")),
            number_and_type => Ok(number_and_type),
        }
    }

    fn data(&mut self, wire_type: u32) -> Result<Data<'a>, Error> {
        match wire_type {
            VARINT => self.varint().map(Data::Varint),
            FIXED64 => self.array().map(Data::Fixed64),
            FIXED32 => self.array().map(Data::Fixed32),
            DELIMITED => {
                let length = self.varint()?;
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                self.split(length).map(Data::Delimited)
            }
            GROUP_END => Err(self.malformed("end of a group that did not start")),
            _ => Err(self.malformed("unknown wire type")),
        }
    }

    fn skip_group(&mut self, number: u32, depth: u32) -> Result<(), Error> {
        if depth > MAX_GROUP_DEPTH {
            return Err(self.malformed("groups nested too deeply"));
        }
        loop {
            match self.tag()? {
                (inner, GROUP_START) => self.skip_group(inner, depth + 1)?,
                (end, GROUP_END) if end == number => return Ok(()),
                (_, wire_type) => {
                    self.data(wire_type)?;
                }
            }
        }
    }

    fn varint(&mut self) -> Result<u64, Error> {
        // Nearly every number in an event takes one byte.
        if let [byte @ 0..0x80, rest @ ..] = self.rest {
            self.rest = rest;
            self.at += 1;
            return Ok(u64::from(*byte));
        }
        self.long_varint()
    }

    fn long_varint(&mut self) -> Result<u64, Error> {
        let mut value = 0_u64;
        for (index, &byte) in (0_u32..10).zip(self.rest) {
            // The tenth byte has one bit that counts; others are dropped, as Google's parsers do.
            value |= u64::from(byte & 0x7F) << (7 * index);
            if byte < 0x80 {
                self.split(index as usize + 1)?;
                return Ok(value);
            }
        }
        Err(self.malformed(if self.rest.len() < 10 {
            "a number is cut off"
        } else {
            "a number of more than 10 bytes"
        }))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (array, rest) =
            self.rest.split_first_chunk().ok_or_else(|| self.malformed("a number is cut off"))?;
        self.rest = rest;
        self.at += N;
        Ok(*array)
    }

    fn split(&mut self, length: usize) -> Result<Self, Error> {
        let (field, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| self.malformed("a field is longer than its message"))?;
        let field = Self { rest: field, at: self.at };
        self.rest = rest;
        self.at += length;
        Ok(field)
    }

    fn malformed(&self, problem: &'static str) -> Error {
        Error::Malformed { payload_offset: self.at as u64, problem }
    }
}
