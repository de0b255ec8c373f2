//! Messages and records built by hand, from the format's definition alone: nothing here uses the crate under test.

pub(crate) const CONSTANT: [u8; 4] = [0xB3, 0xC0, 0x2D, 0x06];

/// CRC-32C, bit by bit.
pub(crate) fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0x82F6_3B78 * (crc & 1)))
    })
}

pub(crate) fn masked(bytes: &[u8]) -> u32 {
    crc32c(bytes).rotate_right(15).wrapping_add(0xA282_EAD8)
}

/// A record around `payload`.
pub(crate) fn frame(payload: &[u8], check: [u8; 4]) -> Vec<u8> {
    let length = (payload.len() as u64).to_le_bytes();
    [&length[..], &masked(&length).to_le_bytes(), payload, &check].concat()
}

pub(crate) fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 128 {
        out.push(128 + u8::try_from(value % 128).unwrap());
        value /= 128;
    }
    out.push(u8::try_from(value).unwrap());
    out
}

pub(crate) fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field * 8), varint(value)].concat()
}

pub(crate) fn fixed64(field: u64, bytes: [u8; 8]) -> Vec<u8> {
    [varint(field * 8 + 1), bytes.to_vec()].concat()
}

pub(crate) fn fixed32(field: u64, bytes: [u8; 4]) -> Vec<u8> {
    [varint(field * 8 + 5), bytes.to_vec()].concat()
}

pub(crate) fn bytes(field: u64, bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let bytes = bytes.as_ref();
    [varint(field * 8 + 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

/// A `TensorShapeProto`.
pub(crate) fn shape(dims: &[u64]) -> Vec<u8> {
    dims.iter().flat_map(|&dim| bytes(2, number(1, dim))).collect()
}

/// A `TensorProto` of a type and shape, with more fields behind.
pub(crate) fn tensor(code: u64, dims: &[u64], fields: &[u8]) -> Vec<u8> {
    [number(1, code), bytes(2, shape(dims)), fields.to_vec()].concat()
}

/// An `Event` of one value.
pub(crate) fn event_of_value(value: &[u8]) -> Vec<u8> {
    [fixed64(1, 1.5_f64.to_le_bytes()), bytes(5, bytes(1, value))].concat()
}

/// An `Event` of one tensor called `t`.
pub(crate) fn event_of_tensor(tensor: &[u8]) -> Vec<u8> {
    event_of_value(&[bytes(1, "t"), bytes(8, tensor)].concat())
}
