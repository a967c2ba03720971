//! What a worker does for a living: the unions' eight groups, and those that came after them.

use crate::kernel::{Invalid, coded::coded};

coded! {
    Occupation {
        Trucker "trucker" "货车司机",
        Courier "courier" "快递员",
        FoodDeliveryRider "food_delivery_rider" "外卖配送员",
        CareWorker "care_worker" "护工护理员",
        DomesticWorker "domestic_worker" "家政服务员",
        ShoppingMallAssistant "shopping_mall_assistant" "商场信息员",
        EstateAgent "estate_agent" "房产中介员",
        Guard "guard" "保安员",
        RideHailDriver "ride_hail_driver" "网约车司机",
        LiveStreamer "live_streamer" "网络主播",
        Other "other" "其他",
    }
}

impl Occupation {
    /// One of the list, or `field` to mend.
    pub fn chosen(field: &str, code: &str) -> Result<Self, Invalid> {
        let unknown =
            || Invalid::field(field, "occupation_unknown", "没有这个职业，请从列表中选择");
        Self::parse(code).ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back_and_strangers_do_not() {
        for occupation in Occupation::ALL {
            assert_eq!(Occupation::parse(occupation.code()), Some(*occupation));
        }
        assert_eq!(Occupation::parse("astronaut"), None);
    }
}
