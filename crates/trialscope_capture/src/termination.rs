//! SIGTERM: what was handed over reaches the disk before the process ends.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError, Weak},
    thread,
    time::Duration,
};

use crate::{capture::Capture, error::Error};

/// Cluster schedulers send SIGKILL some 30 seconds after SIGTERM (2 minutes on spot machines).
const GRACE: Duration = Duration::from_secs(25);

static OPEN: Mutex<Vec<Weak<Capture>>> = Mutex::new(Vec::new());

pub(crate) fn register(capture: &Arc<Capture>) {
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    open.retain(|known| known.strong_count() > 0);
    open.push(Arc::downgrade(capture));
}

fn flush_all() {
    let open: Vec<_> = {
        let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.iter().filter_map(Weak::upgrade).collect()
    };
    for capture in open {
        capture.flush_within(GRACE);
    }
}

/// From now on SIGTERM flushes every open capture. The trials stay open, to be continued.
///
/// A handler that was there before still runs. `then_die` says that there was none, so that the process has to end
/// once the captures are flushed. Called again, it changes nothing.
///
/// # Errors
/// [`Error::Thread`] where the signal cannot be watched.
#[cfg(unix)]
pub fn flush_on_termination(then_die: bool) -> Result<(), Error> {
    use signal_hook::{consts::SIGTERM, iterator::Signals, low_level};

    static WATCHED: OnceLock<Result<(), String>> = OnceLock::new();
    WATCHED
        .get_or_init(|| {
            let mut signals = Signals::new([SIGTERM]).map_err(|source| source.to_string())?;
            thread::Builder::new()
                .name("trialscope-sigterm".to_owned())
                .spawn(move || {
                    for _ in signals.forever() {
                        flush_all();
                        if then_die {
                            // Where even this fails, the next signal tries again.
                            let _ = low_level::emulate_default_handler(SIGTERM);
                        }
                    }
                })
                .map(|_| ())
                .map_err(|source| source.to_string())
        })
        .clone()
        .map_err(|reason| Error::Thread { reason })
}

/// There is no SIGTERM here.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn flush_on_termination(_then_die: bool) -> Result<(), Error> {
    let _ = (GRACE, flush_all as fn(), OnceLock::<()>::new(), thread::yield_now as fn());
    Ok(())
}
