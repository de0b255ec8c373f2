use super::Layout;

/// Bytes of `value` as a varint.
pub(crate) fn varint_len(value: u64) -> u64 {
    // A number without bits still takes one byte.
    let bits = u64::BITS - (value | 1).leading_zeros();
    u64::from(bits.div_ceil(7))
}

/// Bytes of a field of `length` bytes or text whose number is at most 15.
pub(crate) fn delimited_len(length: u64) -> u64 {
    1 + varint_len(length) + length
}

/// Appends a varint.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let [low, ..] = value.to_le_bytes();
        if value < 0x80 {
            return out.push(low);
        }
        out.push(low | 0x80);
        value >>= 7;
    }
}

/// Appends what stands in front of every field.
pub(crate) fn put_tag(out: &mut Vec<u8>, number: u32, layout: Layout) {
    put_varint(out, u64::from(number << 3 | layout as u32));
}

/// Appends the start of a field of `length` bytes, which are to follow.
pub(crate) fn put_delimited(out: &mut Vec<u8>, number: u32, length: u64) {
    put_tag(out, number, Layout::Delimited);
    put_varint(out, length);
}

/// Appends a field of bytes or text.
pub(crate) fn put_bytes(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    put_delimited(out, number, bytes.len() as u64);
    out.extend_from_slice(bytes);
}
