//! What those who decide are told about tasks of any kind.

use crate::notices::templates;

templates! {
    DUE_SOON "tasks_due_soon" about "task": "待办即将到期",
        "{place}有 {count} 件{kind}将于{due}到期，请及时处理。";
    OVERDUE "tasks_overdue" about "task": "待办已逾期",
        "{place}有 {count} 件{kind}逾期未办，请督促办理或直接处理。";
}
