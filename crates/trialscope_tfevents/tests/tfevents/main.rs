//! Laws and golden files of the event format.

#[cfg(test)]
mod encoded_bytes;
#[cfg(test)]
mod framing;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod proto;
#[cfg(test)]
mod resume;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod shared_trees;
#[cfg(test)]
mod typed_arrays;
#[cfg(test)]
mod worked_example;
