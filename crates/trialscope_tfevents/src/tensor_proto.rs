//! `TensorProto` to [`Tensor`].

use bytes::Bytes;
use trialscope_tensor::{Shape, Tensor};

use crate::{
    Error, dtype_code, schema,
    typed_values::TypedValues,
    wire::{Data, Message},
};

/// Bytes an event may still grow by repeating values: a record of a few bytes must not be able to claim all memory.
#[derive(Debug)]
pub(crate) struct FillBudget {
    left: u64,
}

impl FillBudget {
    const LIMIT: u64 = 64 << 20;

    /// Takes `bytes` from the budget and returns them as a size in memory.
    pub(crate) fn claim(&mut self, tag: &str, bytes: u64) -> Result<usize, Error> {
        match (self.left.checked_sub(bytes), usize::try_from(bytes)) {
            (Some(left), Ok(size)) => {
                self.left = left;
                Ok(size)
            }
            _ => Err(Error::FillTooLarge { tag: tag.to_owned(), bytes, limit: Self::LIMIT }),
        }
    }
}

impl Default for FillBudget {
    fn default() -> Self {
        Self { left: Self::LIMIT }
    }
}

/// Reads the tensor called `tag`. Its values are a slice of `payload`, of which `message` is a part.
pub(crate) fn decode(
    payload: &Bytes,
    tag: &str,
    message: Message<'_>,
    fill: &mut FillBudget,
) -> Result<Tensor, Error> {
    let parts = Parts::read(tag, message.clone())?;
    let in_tensor = |source| Error::Tensor { tag: tag.to_owned(), source };
    if matches!(parts.code, dtype_code::UNSET | dtype_code::STRING) && parts.content.is_empty() {
        let strings = decode_strings(tag, message, &parts, fill)?;
        return Tensor::from_strings(parts.shape, strings).map_err(in_tensor);
    }
    let unsupported = || Error::UnsupportedDtype { tag: tag.to_owned(), code: parts.code };
    let dtype = dtype_code::from_code(parts.code).ok_or_else(unsupported)?;
    let raw = if parts.content.is_empty() {
        TypedValues { tag, dtype, shape: &parts.shape }.decode(message, fill)?
    } else {
        payload.slice_ref(parts.content)
    };
    Tensor::from_raw(dtype, parts.shape, raw).map_err(in_tensor)
}

/// Everything in a `TensorProto` but its lists of values, which are read once type and shape are known.
struct Parts<'a> {
    code: i64,
    shape: Shape,
    content: &'a [u8],
    num_strings: usize,
}

impl<'a> Parts<'a> {
    fn read(tag: &str, mut message: Message<'a>) -> Result<Self, Error> {
        use schema::tensor as field;
        let mut parts =
            Self { code: dtype_code::UNSET, shape: Shape::scalar(), content: &[], num_strings: 0 };
        while let Some((number, data)) = message.next_field()? {
            match (number, data) {
                (field::DTYPE, Data::Varint(code)) => parts.code = code.cast_signed(),
                (field::TENSOR_SHAPE, Data::Delimited(shape)) => parts.shape = decode_shape(tag, shape)?,
                (field::TENSOR_CONTENT, Data::Delimited(content)) => parts.content = content.bytes(),
                (field::STRING_VAL, Data::Delimited(_)) => parts.num_strings += 1,
                _ => {}
            }
        }
        Ok(parts)
    }
}

fn decode_shape(tag: &str, mut message: Message<'_>) -> Result<Shape, Error> {
    let mut dims = Vec::new();
    while let Some((number, data)) = message.next_field()? {
        let (schema::shape::DIM, Data::Delimited(mut dim)) = (number, data) else { continue };
        let mut size = 0;
        while let Some((number, data)) = dim.next_field()? {
            if let (schema::dim::SIZE, Data::Varint(value)) = (number, data) {
                size = value.cast_signed();
            }
        }
        dims.push(u64::try_from(size).map_err(|_| Error::NegativeDim { tag: tag.to_owned(), size })?);
    }
    Ok(Shape::from(dims))
}

fn decode_strings(
    tag: &str,
    mut message: Message<'_>,
    parts: &Parts<'_>,
    fill: &mut FillBudget,
) -> Result<Vec<String>, Error> {
    let mut strings = Vec::with_capacity(parts.num_strings);
    while let Some((number, data)) = message.next_field()? {
        if let (schema::tensor::STRING_VAL, Data::Delimited(text)) = (number, data) {
            let index = strings.len() as u64;
            let text = str::from_utf8(text.bytes())
                .map_err(|_| Error::StringNotUtf8 { tag: tag.to_owned(), index })?;
            strings.push(text.to_owned());
        }
    }
    // smdebug writes every string; only TensorFlow's own form is shortened.
    if parts.code == dtype_code::STRING
        && let Some(last) = strings.last().cloned()
        && let Some(missing) =
            parts.shape.num_elements().and_then(|all| all.checked_sub(strings.len() as u64))
        && missing > 0
    {
        let each = (size_of::<String>() + last.len()) as u64;
        fill.claim(tag, missing.saturating_mul(each))?;
        strings.extend((0..missing).map(|_| last.clone()));
    }
    Ok(strings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fill_budget_is_shared_and_never_overdrawn() {
        let mut fill = FillBudget::default();
        assert_eq!(fill.claim("a", 60 << 20), Ok(60 << 20));
        let error = fill.claim("b", (4 << 20) + 1).unwrap_err();
        assert!(
            matches!(error, Error::FillTooLarge { ref tag, limit: 0x400_0000, .. } if tag == "b"),
            "{error}"
        );
        assert_eq!(fill.claim("c", 4 << 20), Ok(4 << 20));
    }
}
