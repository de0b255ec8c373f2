//! The two checks of a record: a masked CRC-32C of its length, and what follows its payload.

/// What smdebug writes after every payload of an event file: a constant, not a checksum (`B3 C0 2D 06` on disk).
///
/// It is the masked CRC-32C of the ten ASCII bytes `0x12345678`. smdebug's trial reader rejects anything else.
pub const SMDEBUG_PAYLOAD_CHECK: u32 = 0x062D_C0B3;

/// Which of the two accepted checks a record carried after its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PayloadCheck {
    /// [`SMDEBUG_PAYLOAD_CHECK`]: the payload itself is not protected.
    SmdebugConstant,
    /// The masked CRC-32C of the payload, as `TensorBoard` files have it; it was verified.
    TrueCrc,
}

/// The CRC-32C of `bytes`, rotated and offset so that a CRC stored beside its data does not spoil a CRC over both.
///
/// # Source
/// `TFRecord` framing: `((crc >> 15) | (crc << 17)) + 0xA282EAD8`, modulo 2^32.
pub fn masked_crc32c(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xA282_EAD8)
}
