//! A kind of task. The contexts declare theirs; the engine reads codes.

/// What is to be decided, and in how much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskKind {
    /// Stable snake_case code: `wish_review`. It is a row of `task_kinds`.
    pub code: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// Working days until it is due.
    pub working_days: u32,
}
