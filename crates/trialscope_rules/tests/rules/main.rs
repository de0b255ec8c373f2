//! The door of the crate: rules on runs worked out by hand, and the laws of a session.

#[cfg(test)]
mod arrival;
#[cfg(test)]
mod feature_importance_overweight;
#[cfg(test)]
mod json;
#[cfg(test)]
mod loss_not_decreasing;
#[cfg(test)]
mod overfit;
#[cfg(test)]
mod scripted;
#[cfg(test)]
mod session;
