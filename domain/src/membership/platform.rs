//! The platform company whose orders a worker takes. A platform may have a union of its own.

use crate::kernel::{Invalid, coded::coded};

coded! {
    Platform {
        Meituan "meituan" "美团",
        Eleme "eleme" "饿了么",
        JingDong "jd" "京东",
        SfExpress "sf_express" "顺丰速运",
        Zto "zto" "中通快递",
        Yto "yto" "圆通速递",
        Sto "sto" "申通快递",
        Yunda "yunda" "韵达快递",
        JtExpress "jt_express" "极兔速递",
        ChinaPost "china_post" "中国邮政",
        Didi "didi" "滴滴出行",
        Huolala "huolala" "货拉拉",
        FullTruckAlliance "full_truck_alliance" "满帮",
        Douyin "douyin" "抖音",
        Other "other" "其他",
    }
}

impl Platform {
    /// One of the list, or the field to mend.
    pub fn chosen(code: &str) -> Result<Self, Invalid> {
        let unknown = || {
            Invalid::field(
                "platform",
                "platform_unknown",
                "没有这个平台，请从列表中选择",
            )
        };
        Self::parse(code).ok_or_else(unknown)
    }
}
