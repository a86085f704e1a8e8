//! The bank's files, without I/O: one line for each payout, amounts with two decimals.

use barq_plugin::{Batch, Failure, Iban, PayoutReport, PayoutState, PayoutStatus, Result, UnreadableRow};

/// The file to bring to the bank. The same batch makes the same file.
pub fn write(customer_no: &str, batch: &Batch) -> Result<String> {
    let mut lines = vec![format!(
        "H,{customer_no},{},{},{},{}",
        batch.reference,
        batch.value_day,
        batch.payouts.len(),
        batch.total.decimal()
    )];
    for payout in &batch.payouts {
        let iban = Iban::parse(&payout.beneficiary.iban).ok_or_else(|| {
            Failure::permanent("bad_iban", format!("The IBAN of payout {} is not right.", payout.payout_id))
        })?;
        // A comma in a name would begin another column.
        let holder = payout.beneficiary.holder.replace([',', '\n', '\r'], " ");
        lines.push(format!("P,{},{},{holder},{}", payout.payout_id, iban.as_str(), payout.amount.decimal()));
    }
    lines.push(String::new());
    Ok(lines.join("\r\n"))
}

/// What the bank says of each: `R,<payout>,<bank's reference>,PAID|RETURNED,<reason>`.
pub fn read(text: &str) -> PayoutReport {
    let mut report = PayoutReport::new(Vec::new());
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let parts: Vec<&str> = line.split(',').map(str::trim).collect();
        let &["R", payout, reference, state, reason] = parts.as_slice() else {
            report.unreadable.push(UnreadableRow::new("", "line", "is not one of the bank's"));
            continue;
        };
        let known = match state {
            "PAID" => PayoutState::Paid,
            "RETURNED" => PayoutState::Returned,
            _ => PayoutState::Other,
        };
        report.statuses.push(PayoutStatus {
            provider_ref: Some(reference.to_owned()),
            state_name: Some(state.to_owned()),
            reason: Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
            ..PayoutStatus::new(payout, known)
        });
    }
    report
}
