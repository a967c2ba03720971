//! What people are told about their membership.

use crate::notices::templates;

templates! {
    JOINED "membership_joined" about "mem": "欢迎加入工会",
        "您已成为{union}会员，可以出示电子会员卡、领取餐券、许微心愿、预约体检。";
    POOLED "membership_pooled" about "mem": "欢迎加入工会",
        "您已进入{union}，餐券和微心愿现在就能使用；工会将在{due}前完成审核，通过后可预约体检。";
    APPLIED "membership_applied" about "mem": "入会申请已受理",
        "{union}将在{due}前完成审核，结果会在这里通知您。";
    ACCEPTED "membership_accepted" about "mem": "入会审核已通过",
        "{union}已接收您为正式会员，现在可以预约体检。";
    RETURNED "membership_returned" about "mem": "入会申请需要补正",
        "{union}退回了您的申请：{reason}。请修改后重新提交。";
    REJECTED "membership_rejected" about "mem": "入会申请未通过",
        "{union}未通过您的申请：{reason}。如有疑问请联系该工会，也可以重新申请。";
    WITHDRAWN "membership_withdrawn" about "mem": "已退会",
        "您已退出{union}，随时欢迎重新加入。";
    PHONE_RELEASED "phone_released" about "mem": "手机号已解绑",
        "您原来的手机号已由新用户验证使用，请在“我的”中重新授权手机号。";
}
