//! How a payslip looks: one layout for both languages, mirrored where lines begin on the right.

use platform_core::Locale;
use platform_documents::WriteError;
use platform_documents::pdf::{About, Align, Color, Column, Direction, Pdf, Row, Style};
use rust_decimal::Decimal;

use super::amount_words::amount_in_words;
use super::payslip::{Slip, SlipLine};
use super::words::{Words, masked, money, quantity};

const TEXT: f32 = 9.0;
const SMALL: Style = Style::new(8.0).color(Color::GREY);
/// The company's picture at the most.
const LOGO: (f32, f32) = (130.0, 42.0);
/// The net amount's ground, and its letters.
const GROUND: Color = Color(0x0f, 0x4c, 0x5c);
const ON_GROUND: Color = Color(0xff, 0xff, 0xff);

/// The file of a payslip. A picture that cannot be drawn is left out: it costs nobody the payslip.
pub(super) fn page(mut slip: Slip, words: Words<'_>) -> Result<Vec<u8>, WriteError> {
    match written(&slip, words) {
        Err(_) if slip.logo.take().is_some() => written(&slip, words),
        result => result,
    }
}

fn written(slip: &Slip, words: Words<'_>) -> Result<Vec<u8>, WriteError> {
    let month = words.month(slip.year, slip.month);
    let title = words.say("payslip", "title", &[("month", &month)]);
    let about = About {
        title: format!("{title} · {}", slip.name),
        author: slip.company.clone(),
        language: words.locale.code().to_owned(),
    };
    let direction = match words.locale {
        Locale::En => Direction::LeftToRight,
        Locale::Ar => Direction::RightToLeft,
    };
    let mut pdf = Pdf::new(about, direction);
    head(&mut pdf, slip, words, &title);
    facts(&mut pdf, slip, words);
    net(&mut pdf, slip, words);
    earnings(&mut pdf, slip, words);
    deductions(&mut pdf, slip, words);
    rest(&mut pdf, slip, words);
    let (first, page) = (
        format!(
            "{} · {} · {}",
            slip.company,
            words.code(&slip.run_number),
            words.code(&slip.barq_id)
        ),
        |place: usize, count: usize| {
            words.say(
                "payslip",
                "page",
                &[("page", &place.to_string()), ("pages", &count.to_string())],
            )
        },
    );
    pdf.finish(|place, count| (first.clone(), page(place, count)))
}

fn head(pdf: &mut Pdf, slip: &Slip, words: Words<'_>, title: &str) {
    let (top, width) = (pdf.y(), pdf.width());
    if let Some(logo) = &slip.logo {
        // At the end of the line, whatever its width turns out to be.
        let taken = pdf.picture_at(width - LOGO.0, top, LOGO, logo);
        pdf.skip(if taken > 0.0 { 0.0 } else { 0.1 });
    }
    let own = width - LOGO.0 - 20.0;
    let name = Style::new(15.0).bold();
    let height = pdf.write_at(0.0, top, own, Align::Start, name, &slip.company);
    let below = pdf.write_at(
        0.0,
        top + height,
        own,
        Align::Start,
        Style::new(11.0).color(Color::GREY),
        title,
    );
    pdf.go_to(top + (height + below).max(LOGO.1) + 6.0);
    if !slip.is_final {
        let note = Style::new(TEXT).bold().color(Color(0xa1, 0x3d, 0x0b));
        pdf.write(Align::Start, note, words.get("payslip", "preliminary"));
    }
    if slip.is_held {
        let note = Style::new(TEXT).bold().color(Color(0xa1, 0x3d, 0x0b));
        pdf.write(Align::Start, note, words.get("payslip", "held"));
    }
    pdf.rule(Color::LINE);
    pdf.skip(6.0);
}

/// Who, when and how, in two columns.
fn facts(pdf: &mut Pdf, slip: &Slip, words: Words<'_>) {
    let (starts, ends) = slip.period;
    let days = |from: String, to: String| words.say("payslip", "from_to", &[("from", &from), ("to", &to)]);
    let or_dash = |text: Option<String>| text.filter(|text| !text.is_empty()).unwrap_or_else(|| "–".to_owned());
    let person = vec![
        ("courier", slip.name.clone()),
        ("number", words.code(&slip.barq_id)),
        (
            "person_number",
            or_dash(slip.person_number.as_deref().map(|id| words.code(id))),
        ),
        ("joined_on", or_dash(slip.joined_on.map(|day| words.day(day)))),
        (
            "category",
            words.choice("hr.salaries", "category", &slip.category).to_owned(),
        ),
    ];
    let payment = match &slip.payment {
        Some((method, day, _)) => {
            let method = words.choice("hr.salaries", "payment_method", method);
            words.say("payslip", "paid", &[("method", method), ("day", &words.day(*day))])
        }
        None => words.get("payslip", "not_paid").to_owned(),
    };
    let account = slip.iban.as_deref().map(|iban| {
        let iban = words.code(&masked(iban));
        match slip.bank.as_deref().filter(|bank| !bank.is_empty()) {
            Some(bank) => format!("{iban} · {bank}"),
            None => iban,
        }
    });
    let reference = slip.payment.as_ref().and_then(|(_, _, reference)| reference.as_deref());
    let pay = vec![
        ("period", days(words.day(starts), words.day(ends))),
        ("hijri_period", days(words.hijri_day(starts), words.hijri_day(ends))),
        ("run", words.code(&slip.run_number)),
        ("payment", payment),
        ("account", or_dash(account)),
        (
            "payment_reference",
            or_dash(reference.map(|reference| words.code(reference))),
        ),
    ];
    let half = pdf.width() / 2.0;
    let top = pdf.y();
    let mut lowest = top;
    for (start, facts) in [(0.0, person), (half + 6.0, pay)] {
        let mut y = top;
        for (key, value) in facts {
            pdf.write_at(start, y, 88.0, Align::Start, SMALL, words.get("payslip", key));
            let style = Style::new(TEXT);
            y += pdf
                .write_at(start + 90.0, y - 0.6, half - 96.0, Align::Start, style, &value)
                .max(15.0);
        }
        lowest = y.max(lowest);
    }
    pdf.go_to(lowest + 6.0);
}

/// What it is all about: large, in figures and in words.
fn net(pdf: &mut Pdf, slip: &Slip, words: Words<'_>) {
    let said = amount_in_words(slip.net, words.locale).unwrap_or_default();
    let width = pdf.width();
    let small = Style::new(8.5).color(ON_GROUND);
    let lines = u16::try_from(pdf.count(&said, width - 24.0, Align::Start, small)).unwrap_or(1);
    let height = 42.0 + f32::from(lines) * small.leading();
    pdf.keep(height);
    let y = pdf.y();
    pdf.fill_at(0.0, y, width, height, GROUND);
    let label = Style::new(11.0).bold().color(ON_GROUND);
    pdf.write_at(
        12.0,
        y + 12.0,
        width / 2.0,
        Align::Start,
        label,
        words.get("payslip", "net"),
    );
    let figure = Style::new(18.0).bold().color(ON_GROUND);
    let amount = format!("{} {}", words.code(&money(slip.net)), words.get("payslip", "currency"));
    pdf.write_at(width / 2.0, y + 6.0, width / 2.0 - 12.0, Align::End, figure, &amount);
    pdf.write_at(12.0, y + 35.0, width - 24.0, Align::Start, small, &said);
    pdf.go_to(y + height + 10.0);
}

fn heading(pdf: &mut Pdf, text: &str) {
    pdf.keep(60.0);
    pdf.write(Align::Start, Style::new(10.5).bold(), text);
    pdf.skip(1.0);
}

fn label(line: &SlipLine, words: Words<'_>) -> String {
    match line.detail.as_deref() {
        Some(detail) => words.get("allowance", detail).to_owned(),
        None => words.kind(&line.kind).to_owned(),
    }
}

fn earnings(pdf: &mut Pdf, slip: &Slip, words: Words<'_>) {
    heading(pdf, words.get("payslip", "earnings"));
    let work = [
        ("orders", quantity(slip.orders.into())),
        ("target", quantity(slip.target)),
        ("revenue", money(slip.revenue)),
        ("fuel", money(slip.fuel)),
        ("days", quantity(slip.days.into())),
    ];
    // Who is paid by the month is paid for no orders.
    if slip.category != hr_pay::SALARIED {
        let work = work.map(|(key, value)| format!("{} {}", words.get("payslip", key), words.code(&value)));
        pdf.write(Align::Start, SMALL, &work.join("  ·  "));
    }
    pdf.skip(2.0);
    let columns = [
        Column::new(words.get("payslip", "line"), 0.46, Align::Start),
        Column::new(words.get("payslip", "reference"), 0.34, Align::Start),
        Column::new(words.get("payslip", "amount"), 0.20, Align::Number),
    ];
    let lines = slip.lines.iter().filter(|line| !line.is_deduction());
    let mut rows: Vec<Row> = lines
        .map(|line| {
            Row::new(vec![
                label(line, words),
                words.article(&line.article),
                money(line.amount),
            ])
        })
        .collect();
    let sum = words.get("payslip", "gross").to_owned();
    rows.push(Row::sum(vec![sum, String::new(), money(slip.gross)]));
    pdf.table(&columns, &rows, TEXT);
    pdf.skip(10.0);
}

fn deductions(pdf: &mut Pdf, slip: &Slip, words: Words<'_>) {
    heading(pdf, words.get("payslip", "deductions"));
    let lines: Vec<&SlipLine> = slip.lines.iter().filter(|line| line.is_deduction()).collect();
    if lines.is_empty() {
        pdf.write(
            Align::Start,
            Style::new(TEXT).color(Color::GREY),
            words.get("payslip", "no_deductions"),
        );
        pdf.skip(10.0);
        return;
    }
    let columns = [
        Column::new(words.get("payslip", "line"), 0.24, Align::Start),
        Column::new(words.get("payslip", "stopped_by"), 0.28, Align::Start),
        Column::new(words.get("payslip", "asked"), 0.16, Align::Number),
        Column::new(words.get("payslip", "allowed"), 0.16, Align::Number),
        Column::new(words.get("payslip", "left"), 0.16, Align::Number),
    ];
    let (mut asked, mut allowed) = (Decimal::ZERO, Decimal::ZERO);
    let mut rows = Vec::with_capacity(lines.len() + 1);
    for line in lines {
        let (of_line, taken) = (line.asked.unwrap_or_default(), -line.amount);
        asked += of_line;
        allowed += taken;
        rows.push(Row::new(vec![
            label(line, words),
            words.article(&line.article),
            money(of_line),
            money(taken),
            money(of_line - taken),
        ]));
    }
    let sum = words.get("payslip", "deducted").to_owned();
    rows.push(Row::sum(vec![
        sum,
        String::new(),
        money(asked),
        money(allowed),
        money(asked - allowed),
    ]));
    pdf.table(&columns, &rows, TEXT);
    pdf.skip(10.0);
}

/// What stands beside the pay, and how to ask.
fn rest(pdf: &mut Pdf, slip: &Slip, words: Words<'_>) {
    if slip.employer > Decimal::ZERO {
        heading(pdf, words.get("payslip", "beside"));
        let amount = words.code(&money(slip.employer));
        pdf.write(
            Align::Start,
            Style::new(TEXT),
            &words.say("payslip", "employer", &[("amount", &amount)]),
        );
        pdf.skip(8.0);
    }
    pdf.keep(40.0);
    pdf.rule(Color::LINE);
    pdf.skip(4.0);
    pdf.write(Align::Start, Style::new(8.5), words.get("payslip", "why"));
    pdf.write(Align::Start, SMALL, words.get("payslip", "rounding"));
}

#[cfg(test)]
#[path = "payslip_tests.rs"]
mod tests;
