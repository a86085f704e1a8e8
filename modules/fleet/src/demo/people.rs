//! Couriers of the demonstration companies.

use chrono::{Days, NaiveDate};
use serde_json::json;

use super::draw::Draw;
use super::{Company, Row, row};

/// Given names, family names and nationality, as this company writes them. No name is in both companies.
struct Origin {
    nationality: &'static str,
    saudi: bool,
    given: &'static [&'static str],
    family: &'static [&'static str],
}

const NAJD: &[Origin] = &[
    Origin {
        nationality: "سعودي",
        saudi: true,
        given: &["عبدالله", "فهد", "سلطان", "تركي", "ماجد", "نايف", "بندر"],
        family: &["القحطاني", "العتيبي", "الدوسري", "الشمري", "الحربي"],
    },
    Origin {
        nationality: "يمني",
        saudi: false,
        given: &["صالح", "وليد", "أنور", "هاني", "عارف"],
        family: &["الحميري", "باوزير", "العولقي", "الصنعاني"],
    },
    Origin {
        nationality: "مصري",
        saudi: false,
        given: &["محمود", "مصطفى", "كريم", "أيمن", "شريف"],
        family: &["عبدالعال", "السيد", "البدري", "شاهين"],
    },
    Origin {
        nationality: "سوداني",
        saudi: false,
        given: &["الطيب", "عثمان", "معتصم", "إدريس"],
        family: &["الأمين", "بشير", "الفاضل"],
    },
    Origin {
        nationality: "باكستاني",
        saudi: false,
        given: &["محمد عمران", "عبدالرحمن", "شهباز", "نديم", "كاشف"],
        family: &["خان", "أفضل", "شودري", "بهتي"],
    },
];

const RED_SEA: &[Origin] = &[
    Origin {
        nationality: "Saudi",
        saudi: true,
        given: &["Yazeed", "Hatem", "Rayan", "Ziyad"],
        family: &["Al-Ghamdi", "Al-Zahrani", "Al-Juhani"],
    },
    Origin {
        nationality: "Indian",
        saudi: false,
        given: &["Arjun", "Faizal", "Rakesh", "Sajid", "Vinod"],
        family: &["Nair", "Kurian", "Shaikh", "Menon"],
    },
    Origin {
        nationality: "Bangladeshi",
        saudi: false,
        given: &["Rafiqul", "Jahangir", "Shamim", "Monir"],
        family: &["Islam", "Hossain", "Mia"],
    },
    Origin {
        nationality: "Filipino",
        saudi: false,
        given: &["Jomar", "Rodel", "Arnel", "Dennis"],
        family: &["Santos", "Villanueva", "Mercado"],
    },
    Origin {
        nationality: "Nepali",
        saudi: false,
        given: &["Bikash", "Suraj", "Dipendra"],
        family: &["Gurung", "Thapa"],
    },
];

/// Bank name and its code in account numbers.
const BANKS: &[(&str, &str)] = &[
    ("Al Rajhi Bank", "80"),
    ("Saudi National Bank", "10"),
    ("Riyad Bank", "20"),
    ("Alinma Bank", "05"),
];

/// Couriers in the order of their numbers.
pub(super) fn couriers(company: Company, draw: &mut Draw, today: NaiveDate) -> Vec<Row> {
    let origins = match company {
        Company::NajdExpress => NAJD,
        Company::RedSeaCouriers => RED_SEA,
    };
    let mut names = Vec::new();
    let mut couriers = Vec::new();
    while couriers.len() < company.couriers() {
        let origin = draw.one_of(origins);
        let name = format!("{} {}", draw.one_of(origin.given), draw.one_of(origin.family));
        if names.contains(&name) {
            continue;
        }
        let number = couriers.len() + 1;
        couriers.push(courier(company, draw, today, origin, &name, number));
        names.push(name);
    }
    couriers
}

fn courier(company: Company, draw: &mut Draw, today: NaiveDate, origin: &Origin, name: &str, number: usize) -> Row {
    let before = |days: i64| today.checked_sub_days(Days::new(days.unsigned_abs())).unwrap_or(today);
    let after = |days: i64| today.checked_add_days(Days::new(days.unsigned_abs())).unwrap_or(today);
    // Most papers are good for long, some run out soon, a few have.
    let paper = |draw: &mut Draw| match draw.from(1, 20) {
        1 => before(draw.from(1, 20)),
        2..=4 => after(draw.from(1, 89)),
        _ => after(draw.from(100, 1200)),
    };
    let joined = before(draw.from(200, 1400));
    let status = status(number);
    let terminated = status == "terminated";
    let ajeer = !origin.saudi && draw.percent(15);
    let (bank, bank_code) = draw.one_of(BANKS);
    let salary = if origin.saudi {
        draw.from(40, 55) * 100
    } else {
        draw.from(16, 26) * 100
    };
    let score = draw.from(6500, 9900);
    row(json!({
        "barq_id": format!("{}-{number:04}", company.prefix()),
        "full_name": name,
        "status": status,
        "mobile_number": format!("+9665{}", draw.digits(8)),
        "email": format!("courier{number}@{}", company.domain()),
        "employee_id": format!("E{number:05}"),
        "sponsorship_status": if ajeer { "ajeer" } else { "inhouse" },
        "project_type": draw.word(&["food", "food", "ecommerce", "barq", "mixed"]),
        "city": draw.word(company.cities()),
        "joined_on": if status == "onboarding" { before(draw.from(1, 6)) } else { joined },
        "last_working_day": terminated.then(|| before(draw.from(5, 60))),
        "nationality": origin.nationality,
        "date_of_birth": before(draw.from(8000, 16_000)),
        "national_id": origin.saudi.then(|| draw.national_id('1')),
        "iqama_number": (!origin.saudi).then(|| draw.national_id('2')),
        "iqama_expires_on": (!origin.saudi).then(|| paper(draw)),
        "passport_number": (!origin.saudi).then(|| format!("P{}", draw.digits(7))),
        "passport_expires_on": (!origin.saudi).then(|| paper(draw)),
        "license_number": draw.digits(10),
        "license_type": "private",
        "license_expires_on": paper(draw),
        "bank_name": bank,
        "iban": draw.iban(bank_code),
        "basic_salary": (!ajeer).then(|| format!("{salary}.00")),
        "housing_allowance": (!ajeer).then(|| format!("{}.00", salary / 4)),
        "transportation_allowance": (!ajeer).then_some("300.00"),
        "jahez_driver_id": draw.percent(60).then(|| draw.digits(6)),
        "hunger_rider_id": draw.percent(50).then(|| draw.digits(7)),
        "performance_score": format!("{}.{:02}", score / 100, score % 100),
        "total_deliveries": draw.from(150, 9000),
    }))
}

/// Some of every state, and active otherwise.
const fn status(number: usize) -> &'static str {
    match number {
        7 => "on_leave",
        11 => "suspended",
        13 => "inactive",
        17 => "terminated",
        21 | 22 => "onboarding",
        _ => "active",
    }
}
