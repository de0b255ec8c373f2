//! A queue bounded by bytes: a sender waits while what lies in it is too much.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// First in, first out, between one or more senders and one receiver.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    capacity_bytes: u64,
}

#[derive(Debug)]
struct State<T> {
    items: VecDeque<(T, u64)>,
    waiting_bytes: u64,
    /// The receiver holds an item it has not finished with.
    busy: bool,
    closed: bool,
}

impl<T> Queue<T> {
    pub(crate) fn new(capacity_bytes: u64) -> Self {
        let state = State { items: VecDeque::new(), waiting_bytes: 0, busy: false, closed: false };
        Self { state: Mutex::new(state), changed: Condvar::new(), capacity_bytes }
    }

    /// Adds an item, waiting for room first. One that is larger than the whole queue waits for an empty one.
    /// Gives the item back where the queue is closed.
    pub(crate) fn send(&self, item: T, size_bytes: u64) -> Result<(), T> {
        let mut state = self.lock();
        while !state.closed
            && !state.items.is_empty()
            && state.waiting_bytes.saturating_add(size_bytes) > self.capacity_bytes
        {
            state = self.wait(state);
        }
        if state.closed {
            return Err(item);
        }
        state.items.push_back((item, size_bytes));
        state.waiting_bytes += size_bytes;
        self.changed.notify_all();
        Ok(())
    }

    /// Takes the next item, waiting for one; `None` when the queue is closed and empty. The one before counts as done.
    pub(crate) fn receive(&self) -> Option<T> {
        let mut state = self.lock();
        state.busy = false;
        self.changed.notify_all();
        loop {
            if let Some((item, size_bytes)) = state.items.pop_front() {
                state.waiting_bytes -= size_bytes;
                state.busy = true;
                self.changed.notify_all();
                return Some(item);
            }
            if state.closed {
                return None;
            }
            state = self.wait(state);
        }
    }

    /// Waits until every item sent so far is done. Whether that was so within the time.
    pub(crate) fn drain(&self, timeout: Option<Duration>) -> bool {
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        let mut state = self.lock();
        while state.busy || !state.items.is_empty() {
            match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
                None => state = self.wait(state),
                Some(Duration::ZERO) => return false,
                Some(left) => {
                    state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
        true
    }

    /// Takes no more items; what is in the queue is still received.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Nothing that runs under the lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State<T>>) -> MutexGuard<'a, State<T>> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread};

    use super::*;

    #[test]
    fn items_arrive_in_order_and_the_sender_waits_for_room() {
        let queue = Arc::new(Queue::new(10));
        let sender = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || {
                for item in 0..100 {
                    queue.send(item, 4).unwrap();
                    assert!(queue.lock().waiting_bytes <= 10);
                }
                queue.close();
            })
        };
        let received: Vec<i32> = std::iter::from_fn(|| queue.receive()).collect();
        sender.join().unwrap();
        assert_eq!(received, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn an_item_larger_than_the_queue_passes() {
        let queue = Queue::new(10);
        queue.send(1, 1000).unwrap();
        assert_eq!(queue.receive(), Some(1));
    }

    #[test]
    fn draining_waits_for_the_item_in_hand() {
        let queue = Queue::new(10);
        queue.send(1, 1).unwrap();
        assert!(!queue.drain(Some(Duration::from_millis(1))));
        assert_eq!(queue.receive(), Some(1));
        assert!(!queue.drain(Some(Duration::from_millis(1))), "received is not yet done");
        queue.close();
        assert_eq!(queue.receive(), None);
        assert!(queue.drain(None));
        assert_eq!(queue.send(2, 1), Err(2));
    }
}
