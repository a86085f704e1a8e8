//! Words and places of the demonstration companies, in the language in which each of them writes.

/// A part of a city.
#[derive(Clone, Copy, Debug)]
pub(super) struct District {
    pub(super) name: &'static str,
    pub(super) latitude: f64,
    pub(super) longitude: f64,
}

const fn district(name: &'static str, latitude: f64, longitude: f64) -> District {
    District {
        name,
        latitude,
        longitude,
    }
}

/// What a company's people write.
pub(super) struct Words {
    pub(super) city: &'static str,
    pub(super) districts: &'static [District],
    pub(super) customers: &'static [&'static str],
    pub(super) shops: &'static [&'static str],
    pub(super) street: &'static str,
    pub(super) inner: &'static str,
    pub(super) outer: &'static str,
    pub(super) urgent: &'static str,
    pub(super) night: &'static str,
    pub(super) usual: &'static str,
    pub(super) delivery_promise: &'static str,
    pub(super) quality_promise: &'static str,
    pub(super) route: &'static str,
    pub(super) incidents: &'static [(&'static str, &'static str)],
    pub(super) praise: &'static [&'static str],
    pub(super) blame: &'static [&'static str],
    pub(super) answer: &'static str,
    pub(super) metrics: &'static [(&'static str, &'static str)],
    pub(super) papers: &'static [(&'static str, &'static str)],
    pub(super) late: &'static str,
}

pub(super) const ARABIC: Words = Words {
    city: "الرياض",
    districts: &[
        district("العليا", 24.695, 46.685),
        district("الملز", 24.667, 46.737),
        district("النخيل", 24.745, 46.640),
        district("الروضة", 24.733, 46.765),
        district("السويدي", 24.595, 46.667),
    ],
    customers: &[
        "سارة العتيبي",
        "خالد الحربي",
        "نورة القحطاني",
        "فهد الشهري",
        "هدى الزهراني",
        "عمر الغامدي",
        "ريم المطيري",
        "ماجد الدوسري",
    ],
    shops: &["مطعم البيت", "صيدلية النهدي", "متجر الورود", "مطبخ نجد", "مكتبة جرير"],
    street: "شارع",
    inner: "داخل المدينة",
    outer: "أطراف المدينة",
    urgent: "الطلبات العاجلة للأقرب",
    night: "توزيع الليل",
    usual: "التوزيع المعتاد",
    delivery_promise: "التوصيل خلال ساعة",
    quality_promise: "جودة التوصيل",
    route: "مسار",
    incidents: &[
        ("accident", "احتكاك بسيط عند إشارة المرور"),
        ("damage", "تلف طرد أثناء النقل"),
        ("violation", "مخالفة سرعة مسجلة على المندوب"),
        ("theft", "فقدان حقيبة التوصيل من أمام المبنى"),
        ("delivery_delay", "تأخر بسبب إغلاق طريق"),
        ("customer_dispute", "خلاف مع عميل حول المبلغ"),
    ],
    praise: &[
        "المندوب محترم والتوصيل سريع، شكراً",
        "خدمة ممتازة",
        "وصل الطلب في وقته وبحالة جيدة",
    ],
    blame: &[
        "وصل الطلب متأخر والأكل بارد",
        "الطرد تالف والعلبة مكسورة",
        "المندوب لم يرد على الاتصال",
    ],
    answer: "نعتذر عما حدث، وقد تابعنا الأمر مع المندوب.",
    metrics: &[
        ("PUNCTUAL", "الالتزام بالوقت"),
        ("PACKAGE", "سلامة الطرد"),
        ("CONDUCT", "سلوك المندوب"),
        ("UNIFORM", "الزي والنظافة"),
    ],
    papers: &[
        ("procedures", "إجراءات تسليم الشحنات"),
        ("policies", "سياسة النقد عند الاستلام"),
        ("training", "دليل المندوب الجديد"),
        ("guidelines", "إرشادات السلامة على الطريق"),
    ],
    late: "ازدحام مروري",
};

pub(super) const ENGLISH: Words = Words {
    city: "Jeddah",
    districts: &[
        district("Al Hamra", 21.527, 39.163),
        district("Al Rawdah", 21.562, 39.158),
        district("Al Safa", 21.585, 39.210),
        district("Al Naseem", 21.510, 39.228),
        district("Obhur", 21.735, 39.120),
    ],
    customers: &[
        "Lama Bakhsh",
        "Yousef Nasser",
        "Dana Saleh",
        "Hani Fadel",
        "Mona Jaber",
        "Tariq Aziz",
        "Rana Khoja",
        "Sami Felemban",
    ],
    shops: &[
        "Corniche Grill",
        "Al Balad Sweets",
        "Red Sea Pharmacy",
        "Bloom Flowers",
        "Harbour Books",
    ],
    street: "Street",
    inner: "Inner city",
    outer: "Outskirts",
    urgent: "Urgent orders to the nearest",
    night: "Night shift",
    usual: "Usual distribution",
    delivery_promise: "Delivery within an hour",
    quality_promise: "Quality of delivery",
    route: "Route",
    incidents: &[
        ("accident", "Minor collision at a traffic light"),
        ("damage", "A parcel was crushed on the way"),
        ("violation", "Speeding ticket"),
        ("theft", "A delivery bag disappeared in front of a building"),
        ("delivery_delay", "Delayed by a closed road"),
        ("customer_dispute", "A customer disputed the amount"),
    ],
    praise: &[
        "Friendly courier and fast delivery, thank you",
        "Excellent service",
        "Arrived on time and in good condition",
    ],
    blame: &[
        "The order was late and the food was cold",
        "The package was damaged",
        "The driver never answered the phone",
    ],
    answer: "We are sorry; we have talked to the courier.",
    metrics: &[
        ("PUNCTUAL", "Punctuality"),
        ("PACKAGE", "State of the package"),
        ("CONDUCT", "Courier's conduct"),
        ("UNIFORM", "Uniform and cleanliness"),
    ],
    papers: &[
        ("procedures", "How to hand over a delivery"),
        ("policies", "Cash on delivery policy"),
        ("training", "Guide for new couriers"),
        ("guidelines", "Safety on the road"),
    ],
    late: "Heavy traffic",
};
