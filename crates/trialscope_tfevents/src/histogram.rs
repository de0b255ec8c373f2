use crate::{
    Error, schema,
    wire::{Data, Message},
};

/// A histogram as `TensorBoard` files hold it: statistics of all values, and how many fell into each bucket.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Number of values.
    pub num: f64,
    /// Sum of the values.
    pub sum: f64,
    /// Sum of the squared values.
    pub sum_squares: f64,
    /// Right edge of each bucket, shape `(buckets,)`. The left edge of a bucket is the right edge of the one before.
    pub bucket_limits: Vec<f64>,
    /// Number of values in each bucket, shape `(buckets,)`.
    pub bucket_counts: Vec<f64>,
}

pub(crate) fn decode(tag: &str, mut message: Message<'_>) -> Result<Histogram, Error> {
    use schema::histogram as field;
    let mut histogram = Histogram::default();
    while let Some((number, data)) = message.next_field()? {
        match (number, data) {
            (field::MIN, Data::Fixed64(bytes)) => histogram.min = f64::from_le_bytes(bytes),
            (field::MAX, Data::Fixed64(bytes)) => histogram.max = f64::from_le_bytes(bytes),
            (field::NUM, Data::Fixed64(bytes)) => histogram.num = f64::from_le_bytes(bytes),
            (field::SUM, Data::Fixed64(bytes)) => histogram.sum = f64::from_le_bytes(bytes),
            (field::SUM_SQUARES, Data::Fixed64(bytes)) => histogram.sum_squares = f64::from_le_bytes(bytes),
            (field::BUCKET_LIMIT, data) => append(&mut histogram.bucket_limits, &data)?,
            (field::BUCKET, data) => append(&mut histogram.bucket_counts, &data)?,
            _ => {}
        }
    }
    let (limits, counts) = (histogram.bucket_limits.len(), histogram.bucket_counts.len());
    if limits == counts {
        Ok(histogram)
    } else {
        Err(Error::HistogramBuckets { tag: tag.to_owned(), limits, counts })
    }
}

/// Writers may pack repeated numbers or not, and mix both.
fn append(numbers: &mut Vec<f64>, data: &Data<'_>) -> Result<(), Error> {
    match data {
        Data::Fixed64(bytes) => numbers.push(f64::from_le_bytes(*bytes)),
        Data::Delimited(packed) => {
            numbers.extend(packed.packed()?.iter().map(|&bytes| f64::from_le_bytes(bytes)));
        }
        _ => {}
    }
    Ok(())
}
