//! The licence path told through HTTP, on SQLite and on PostgreSQL: from the counter to the licence in the holder's hand.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "story/attachments.rs"]
mod attachments;
#[path = "story/counter.rs"]
mod counter;
#[path = "story/erasure.rs"]
mod erasure;
#[path = "story/guards.rs"]
mod guards;
#[path = "story/hostile.rs"]
mod hostile;
#[path = "story/layout.rs"]
mod layout;
#[path = "story/numbers.rs"]
mod numbers;
#[path = "story/office.rs"]
mod office;
#[path = "story/path.rs"]
mod path;
#[path = "story/place.rs"]
mod place;
#[path = "story/refusal.rs"]
mod refusal;
#[path = "story/register.rs"]
mod register;
#[path = "story/routes.rs"]
mod routes;
#[path = "story/standing.rs"]
mod standing;
#[path = "story/tampering.rs"]
mod tampering;
#[path = "story/walk.rs"]
mod walk;
