use std::fmt;

use crate::Error;

/// A process that saves tensors, named as its framework names it.
///
/// TensorFlow devices are named like paths (`/job:worker/replica:0/device:GPU:0`); in file names they are escaped.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Worker(String);

impl Worker {
    /// The worker of a rank, `worker_<rank>`.
    pub fn rank(rank: u32) -> Self {
        Self(format!("worker_{rank}"))
    }

    /// Reads a worker name: a TensorFlow device (starts with `/`) or a plain word.
    ///
    /// # Errors
    /// [`Error::WorkerName`] where the name could not be part of a file name.
    pub fn parse(name: &str) -> Result<Self, Error> {
        let escaped = Self::escape(name);
        let plain = !escaped.is_empty()
            && !escaped.starts_with('.')
            && !escaped.chars().any(|c| c.is_control() || matches!(c, '/' | '\\' | ':'));
        // A plain name with a leading underscore would be read back as a device.
        if plain && (name.starts_with('/') || !name.starts_with('_')) {
            Ok(Self(name.to_owned()))
        } else {
            Err(Error::WorkerName { name: name.to_owned() })
        }
    }

    /// The worker whose files carry `part`: a leading `_` marks an escaped device name.
    ///
    /// # Errors
    /// [`Error::WorkerName`] where `part` is empty.
    pub fn from_file_part(part: &str) -> Result<Self, Error> {
        if part.is_empty() {
            return Err(Error::WorkerName { name: part.to_owned() });
        }
        if part.starts_with('_') {
            Ok(Self(part.replace('_', "/").replace('-', ":")))
        } else {
            Ok(Self(part.to_owned()))
        }
    }

    /// The name as the framework gives it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as it stands in file names.
    pub fn file_part(&self) -> String {
        Self::escape(&self.0)
    }

    fn escape(name: &str) -> String {
        if name.starts_with('/') { name.replace('/', "_").replace(':', "-") } else { name.to_owned() }
    }
}

impl fmt::Display for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_names_survive_file_names() {
        let device = "/job:worker/replica:0/task:1/device:GPU:0";
        let worker = Worker::parse(device).unwrap();
        assert_eq!(worker.file_part(), "_job-worker_replica-0_task-1_device-GPU-0");
        assert_eq!(Worker::from_file_part(&worker.file_part()).unwrap(), worker);
    }

    #[test]
    fn plain_names_are_left_alone() {
        assert_eq!(Worker::rank(3).file_part(), "worker_3");
        assert_eq!(Worker::from_file_part("algo-1").unwrap().as_str(), "algo-1");
    }

    #[test]
    fn names_that_could_leave_the_folder_are_refused() {
        for bad in ["", "a/b", "..", "_x", "a\nb", "c:d"] {
            assert!(Worker::parse(bad).is_err(), "{bad:?}");
        }
    }
}
