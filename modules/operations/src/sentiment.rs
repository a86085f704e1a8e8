//! How a customer's words sound and what they are about, in English and Arabic, by words alone.

/// What feedback is about.
pub(crate) const TOPICS: &[&str] = &[
    "delivery_speed",
    "courier_behavior",
    "package_handling",
    "communication",
    "pricing",
    "app_experience",
    "customer_service",
    "service",
    "general",
];

const POSITIVE: &[&str] = &[
    "excellent",
    "great",
    "good",
    "amazing",
    "perfect",
    "fast",
    "friendly",
    "polite",
    "thank",
    "happy",
    "wonderful",
    "professional",
    "love",
    "best",
    "helpful",
    "ممتاز",
    "رائع",
    "جيد",
    "سريع",
    "شكرا",
    "مهذب",
    "محترم",
    "خلوق",
    "احسنت",
    "جميل",
    "سعيد",
    "مبدع",
    "تمام",
];

const NEGATIVE: &[&str] = &[
    "bad",
    "terrible",
    "awful",
    "late",
    "slow",
    "rude",
    "broken",
    "damaged",
    "worst",
    "never",
    "cold",
    "missing",
    "angry",
    "poor",
    "disappointed",
    "unprofessional",
    "سيئ",
    "سيء",
    "متاخر",
    "تاخر",
    "بطيء",
    "وقح",
    "مكسور",
    "تالف",
    "بارد",
    "ناقص",
    "غاضب",
    "اسوا",
    "مزعج",
    "فظيع",
];

/// Words of each topic, in the order in which ties are settled.
const WORDS: [(&str, &[&str]); 7] = [
    (
        "delivery_speed",
        &[
            "fast",
            "slow",
            "late",
            "delay",
            "quick",
            "time",
            "waiting",
            "سريع",
            "متاخر",
            "تاخر",
            "بطيء",
            "وقت",
            "انتظار",
        ],
    ),
    (
        "courier_behavior",
        &[
            "rude",
            "polite",
            "friendly",
            "driver",
            "courier",
            "behavior",
            "وقح",
            "مهذب",
            "خلوق",
            "محترم",
            "المندوب",
            "السائق",
        ],
    ),
    (
        "package_handling",
        &[
            "damaged",
            "broken",
            "package",
            "box",
            "spilled",
            "cold",
            "تالف",
            "مكسور",
            "الطرد",
            "العلبة",
            "منسكب",
            "بارد",
        ],
    ),
    (
        "communication",
        &[
            "call",
            "phone",
            "message",
            "reply",
            "answer",
            "contact",
            "اتصال",
            "يرد",
            "رسالة",
            "الهاتف",
            "تواصل",
        ],
    ),
    (
        "pricing",
        &[
            "price",
            "expensive",
            "cheap",
            "cost",
            "fee",
            "charge",
            "سعر",
            "غالي",
            "رخيص",
            "رسوم",
            "تكلفة",
            "مبلغ",
        ],
    ),
    (
        "app_experience",
        &[
            "app",
            "application",
            "login",
            "crash",
            "website",
            "screen",
            "التطبيق",
            "تطبيق",
            "الموقع",
            "تسجيل",
        ],
    ),
    (
        "customer_service",
        &[
            "support",
            "service",
            "help",
            "agent",
            "refund",
            "الدعم",
            "خدمة",
            "مساعدة",
            "استرجاع",
            "الموظف",
        ],
    ),
];

/// Lower case, one form of alef and of the final letters, without vowel marks.
fn folded(text: &str) -> Vec<String> {
    let fold = |c: char| match c {
        'أ' | 'إ' | 'آ' => Some('ا'),
        'ى' => Some('ي'),
        '\u{064b}'..='\u{0652}' | 'ـ' => None,
        other => Some(other),
    };
    let text: String = text.to_lowercase().chars().filter_map(fold).collect();
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

/// Words of the text that are one of these or begin with it, as late and lateness do not but thank and thanks do. Arabic
/// words may carry the article or "and" before them.
fn hits(words: &[String], list: &[&str]) -> usize {
    let is_hit = |word: &String| {
        let bare = word
            .strip_prefix("وال")
            .or_else(|| word.strip_prefix("ال"))
            .unwrap_or(word);
        list.iter().any(|known| {
            let short = known.chars().count() < 4;
            word == known || bare == *known || (!short && (word.starts_with(known) || bare.starts_with(known)))
        })
    };
    words.iter().filter(|word| is_hit(word)).count()
}

/// positive, neutral or negative: the mean of what the rating says and what the words say, each from 0 to 2. A text without
/// such words says what the middle says.
pub(crate) fn of(rating: i64, text: &str) -> &'static str {
    let by_rating = match rating {
        ..=2 => 0,
        3 => 1,
        4.. => 2,
    };
    let words = folded(text);
    let by_words = match hits(&words, POSITIVE).cmp(&hits(&words, NEGATIVE)) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Equal => 1,
        std::cmp::Ordering::Greater => 2,
    };
    // Twice the mean: below 1.6 is negative, above 2.4 positive.
    match by_rating + by_words {
        ..=1 => "negative",
        2 => "neutral",
        _ => "positive",
    }
}

/// The topic that most words name; that of the kind of feedback when none is named.
pub(crate) fn topic(kind: &str, text: &str) -> &'static str {
    let words = folded(text);
    let mut best = ("", 0);
    for (topic, list) in WORDS {
        let found = hits(&words, list);
        if found > best.1 {
            best = (topic, found);
        }
    }
    match (best, kind) {
        ((topic, 1..), _) => topic,
        (_, "delivery") => "delivery_speed",
        (_, "courier") => "courier_behavior",
        (_, "app") => "app_experience",
        (_, "support") => "customer_service",
        (_, "service") => "service",
        _ => "general",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratings_and_words_weigh_the_same() {
        let table = [
            (5, "Terrible and late", "neutral"),
            (3, "Terrible and late", "negative"),
            (5, "Great, thanks!", "positive"),
            (1, "", "negative"),
            (3, "", "neutral"),
            (5, "", "positive"),
            (4, "شكراً، المندوب ممتاز والتوصيل سريع", "positive"),
            (2, "الطلب متأخر والأكل بارد", "negative"),
            (5, "تأخر كثيراً وكان المندوب وقحاً", "neutral"),
            (3, "سيئ جداً", "negative"),
        ];
        for (rating, text, expected) in table {
            assert_eq!(of(rating, text), expected, "{rating} {text}");
        }
    }

    #[test]
    fn topics_by_words_and_else_by_kind() {
        let table = [
            ("general", "The box was damaged", "package_handling"),
            ("general", "The courier was rude", "courier_behavior"),
            ("general", "الرسوم غالية والسعر مرتفع", "pricing"),
            ("app", "hmm", "app_experience"),
            ("general", "hmm", "general"),
        ];
        for (kind, text, expected) in table {
            assert_eq!(topic(kind, text), expected, "{text}");
        }
    }
}
