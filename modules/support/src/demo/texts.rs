//! What people write, in the language of the company.

/// Words in Arabic or English.
#[derive(Clone, Copy)]
pub(super) struct Words {
    is_arabic: bool,
}

type Pair = (&'static str, &'static str);

/// Subject, description, category, priority and hours until it is due.
const QUESTIONS: [(Pair, Pair, &str, &str, i64); 10] = [
    (
        ("The courier page does not open", "صفحة المندوب لا تفتح"),
        (
            "Since this morning the page stays white.",
            "منذ الصباح تبقى الصفحة بيضاء.",
        ),
        "technical",
        "high",
        8,
    ),
    (
        ("Fuel card is declined", "بطاقة الوقود مرفوضة"),
        (
            "The station says that the limit is reached.",
            "تقول المحطة إن الحد قد استُنفد.",
        ),
        "vehicle",
        "urgent",
        4,
    ),
    (
        ("Deduction that I do not understand", "خصم غير مفهوم في الراتب"),
        (
            "Please explain the second deduction of last month.",
            "أرجو توضيح الخصم الثاني في الشهر الماضي.",
        ),
        "hr",
        "medium",
        48,
    ),
    (
        ("Air conditioner in the room leaks", "المكيف في الغرفة يسرّب الماء"),
        ("Water drips on the lower bed.", "يقطر الماء على السرير السفلي."),
        "accommodation",
        "medium",
        24,
    ),
    (
        (
            "Customer says that the parcel is damaged",
            "العميل يقول إن الشحنة تالفة",
        ),
        (
            "The box was open at the pick-up already.",
            "كان الصندوق مفتوحًا عند الاستلام.",
        ),
        "complaint",
        "high",
        12,
    ),
    (
        ("Cash difference at the end of the shift", "فرق نقدي نهاية المناوبة"),
        (
            "I handed in 20 less than the page shows.",
            "سلّمت 20 أقل مما تعرضه الصفحة.",
        ),
        "finance",
        "high",
        24,
    ),
    (
        ("Wrong address in an order", "عنوان خاطئ في طلب"),
        (
            "The pin is two kilometres from the customer.",
            "الموقع يبعد كيلومترين عن العميل.",
        ),
        "delivery",
        "urgent",
        4,
    ),
    (
        ("Please add my new phone number", "أرجو إضافة رقم جوالي الجديد"),
        ("My old number is switched off.", "رقمي القديم مفصول."),
        "hr",
        "low",
        72,
    ),
    (
        ("Filter orders by zone", "تصفية الطلبات حسب المنطقة"),
        ("It would save us a lot of scrolling.", "سيوفر علينا وقتًا طويلًا."),
        "feature_request",
        "low",
        72,
    ),
    (
        (
            "Cannot sign in after changing the password",
            "تعذر الدخول بعد تغيير كلمة المرور",
        ),
        ("The new password is refused.", "تُرفض كلمة المرور الجديدة."),
        "it",
        "medium",
        24,
    ),
];

impl Words {
    pub(super) fn of(city: Option<&str>) -> Self {
        Self {
            is_arabic: city.is_none_or(|city| !city.is_ascii()),
        }
    }

    const fn pick(self, (en, ar): Pair) -> &'static str {
        if self.is_arabic { ar } else { en }
    }

    pub(super) const fn language(self) -> &'static str {
        self.pick(("en", "ar"))
    }

    pub(super) fn question(self, place: usize) -> (&'static str, &'static str, &'static str, &'static str, i64) {
        let (subject, description, category, priority, hours) = QUESTIONS[place * 3 % QUESTIONS.len()];
        (self.pick(subject), self.pick(description), category, priority, hours)
    }

    pub(super) fn department(category: &str) -> &'static str {
        match category {
            "hr" => "hr",
            "vehicle" => "fleet",
            "accommodation" => "accommodation",
            "finance" => "finance",
            "delivery" | "complaint" => "operations",
            "technical" | "it" => "it",
            _ => "support",
        }
    }

    pub(super) const fn first_answer(self) -> &'static str {
        self.pick((
            "Thank you for writing. We are looking at it.",
            "شكرًا لتواصلك. نعمل على الموضوع الآن.",
        ))
    }

    pub(super) const fn note(self) -> &'static str {
        self.pick(("Same as last week, see the log.", "مثل حالة الأسبوع الماضي، راجع السجل."))
    }

    pub(super) const fn thanks(self) -> &'static str {
        self.pick(("Thank you, that works.", "شكرًا، تم الأمر."))
    }

    pub(super) const fn resolution(self) -> &'static str {
        self.pick(("Found and put right.", "عُرف السبب وتمت المعالجة."))
    }

    pub(super) const fn reason(self, place: usize) -> &'static str {
        if place.is_multiple_of(2) {
            self.pick(("The workshop does not answer", "الورشة لا ترد"))
        } else {
            self.pick(("Several couriers are concerned", "يؤثر على عدة مندوبين"))
        }
    }

    pub(super) const fn sender(self) -> &'static str {
        self.pick(("Maha Al-Subaie", "مها السبيعي"))
    }

    pub(super) const fn chat(self, place: usize) -> &'static str {
        match place % 3 {
            0 => self.pick(("How do I change my zone?", "كيف أغيّر منطقتي؟")),
            1 => self.pick(("Where do I see my payslip?", "أين أرى قسيمة راتبي؟")),
            _ => self.pick(("My order is stuck on “picked up”.", "طلبي عالق على «تم الاستلام».")),
        }
    }

    /// Name, subject, category, priority, department, hours.
    pub(super) fn templates(
        self,
    ) -> impl Iterator<
        Item = (
            &'static str,
            &'static str,
            &'static str,
            &'static str,
            &'static str,
            i64,
        ),
    > {
        [
            (
                ("Lost fuel card", "فقدان بطاقة وقود"),
                ("A fuel card was lost", "فُقدت بطاقة وقود"),
                "vehicle",
                "urgent",
                "fleet",
                4,
            ),
            (
                ("Question about pay", "استفسار عن راتب"),
                ("Question about the payslip", "استفسار عن قسيمة الراتب"),
                "hr",
                "medium",
                "hr",
                48,
            ),
            (
                ("Repair in housing", "صيانة في السكن"),
                ("Something is broken in the room", "عطل في الغرفة"),
                "accommodation",
                "medium",
                "accommodation",
                24,
            ),
        ]
        .into_iter()
        .map(move |(name, subject, category, priority, department, hours)| {
            (
                self.pick(name),
                self.pick(subject),
                category,
                priority,
                department,
                hours,
            )
        })
    }

    /// Title, shortcut, content, category.
    pub(super) fn answers(self) -> impl Iterator<Item = (&'static str, &'static str, &'static str, &'static str)> {
        [
            (
                ("Greeting", "ترحيب"),
                "/hi",
                (
                    "Dear {name}, thank you for writing to us.",
                    "عزيزي {name}، شكرًا لتواصلك معنا.",
                ),
                ("General", "عام"),
            ),
            (
                ("In work", "قيد المعالجة"),
                "/work",
                (
                    "Ticket {ticket} is in work; you hear from us by {time}.",
                    "التذكرة {ticket} قيد المعالجة وسنوافيك بالرد قبل {time}.",
                ),
                ("Tickets", "تذاكر"),
            ),
            (
                ("Card blocked", "إيقاف بطاقة"),
                "/card",
                (
                    "Your fuel card is blocked; a new one is ready at the office.",
                    "أُوقفت بطاقة الوقود، والبديلة جاهزة في المكتب.",
                ),
                ("Vehicles", "مركبات"),
            ),
        ]
        .into_iter()
        .map(move |(title, shortcut, content, category)| {
            (self.pick(title), shortcut, self.pick(content), self.pick(category))
        })
    }

    /// Name and slug.
    pub(super) fn categories(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        [
            (("First steps", "البداية"), "first-steps"),
            (("Pay", "الرواتب"), "pay"),
            (("Vehicles and fuel", "المركبات والوقود"), "vehicles-and-fuel"),
        ]
        .into_iter()
        .map(move |(name, slug)| (self.pick(name), slug))
    }

    /// Title, slug and text.
    pub(super) fn articles(self) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
        [
            (
                ("The first day of a courier", "اليوم الأول للمندوب"),
                "first-day",
                (
                    "Bring your iqama and licence. You get your vehicle at the hub.",
                    "أحضر الإقامة والرخصة. تستلم المركبة من المركز.",
                ),
            ),
            (
                ("How pay is worked out", "كيف يُحسب الراتب"),
                "how-pay-is-made",
                (
                    "Pay follows deliveries and days; deductions are listed one by one.",
                    "يُحسب الراتب من التوصيلات والأيام، وتُذكر الخصومات واحدًا واحدًا.",
                ),
            ),
            (
                ("Using the fuel card", "استخدام بطاقة الوقود"),
                "fuel-card",
                (
                    "Enter the odometer at the pump. Never lend the card.",
                    "أدخل قراءة العداد عند التعبئة، ولا تُعر البطاقة لأحد.",
                ),
            ),
            (
                ("After an accident", "بعد الحادث"),
                "after-an-accident",
                (
                    "Stop, call Najm, photograph, tell your supervisor.",
                    "توقف واتصل بنجم وصوّر وأبلغ مشرفك.",
                ),
            ),
            (
                ("Cash on delivery", "الدفع عند الاستلام"),
                "cash-on-delivery",
                (
                    "Count before the customer, hand in at the end of the shift.",
                    "عُدّ النقد أمام العميل وسلّمه نهاية المناوبة.",
                ),
            ),
        ]
        .into_iter()
        .map(move |(title, slug, text)| (self.pick(title), slug, self.pick(text)))
    }

    /// Question, answer and category.
    pub(super) fn faqs(self) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
        [
            (
                ("When is pay transferred?", "متى يُحوّل الراتب؟"),
                ("Before the fifth of each month.", "قبل الخامس من كل شهر."),
                ("Pay", "الرواتب"),
            ),
            (
                ("How do I ask for leave?", "كيف أطلب إجازة؟"),
                (
                    "On your page under “Leave”, a week before.",
                    "من صفحتك ضمن «الإجازات» قبل أسبوع.",
                ),
                ("Leave", "الإجازات"),
            ),
            (
                ("What if the customer does not answer?", "ماذا لو لم يرد العميل؟"),
                (
                    "Call twice, wait five minutes, then tell dispatch.",
                    "اتصل مرتين وانتظر خمس دقائق ثم أبلغ الإرسال.",
                ),
                ("Deliveries", "التوصيل"),
            ),
            (
                ("Who repairs things in my room?", "من يصلح أعطال غرفتي؟"),
                (
                    "Tell the supervisor of the building or open a ticket.",
                    "أبلغ مشرف المبنى أو افتح تذكرة.",
                ),
                ("Housing", "السكن"),
            ),
        ]
        .into_iter()
        .map(move |(question, answer, category)| (self.pick(question), self.pick(answer), self.pick(category)))
    }

    /// Subject, message and urgency.
    pub(super) fn contacts(self) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
        [
            (
                ("Invoice address", "عنوان الفاتورة"),
                (
                    "Please send invoices to our new address.",
                    "أرجو إرسال الفواتير إلى عنواننا الجديد.",
                ),
                "normal",
            ),
            (
                ("Courier drove dangerously", "قيادة خطرة من مندوب"),
                ("He passed the school at high speed.", "مر بجانب المدرسة بسرعة عالية."),
                "high",
            ),
        ]
        .into_iter()
        .map(move |(subject, message, urgency)| (self.pick(subject), self.pick(message), urgency))
    }

    /// Subject, category and rating.
    pub(super) fn opinions(self) -> impl Iterator<Item = (&'static str, &'static str, i64)> {
        [
            (("The new list is fast", "القائمة الجديدة سريعة"), "compliment", 5),
            (("More colours for states please", "ألوان أوضح للحالات"), "suggestion", 4),
            (("Good on the phone", "ممتاز على الجوال"), "compliment", 4),
            (("Export loses my filter", "التصدير يهمل التصفية"), "bug_report", 2),
            (
                ("Signing in takes three tries", "الدخول يحتاج ثلاث محاولات"),
                "complaint",
                1,
            ),
        ]
        .into_iter()
        .map(move |(subject, category, rating)| (self.pick(subject), category, rating))
    }
}
