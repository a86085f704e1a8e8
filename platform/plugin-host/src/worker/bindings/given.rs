//! From what the platform hands a plugin to what the contract calls it.

use platform_plugin_records as records;

use super::exports::barq::plugin::events;
use super::{orders, payouts, sms, types};

/// What a record of ours is in the contract.
pub(crate) trait Give {
    type Given;
    fn give(&self) -> Self::Given;
}

fn attributes(attributes: &records::Attributes) -> Vec<(String, String)> {
    attributes
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn money(amount: &records::Amount) -> types::Money {
    types::Money {
        minor: amount.minor,
        currency: amount.currency.clone(),
    }
}

impl Give for records::Inbound {
    type Given = types::Inbound;
    fn give(&self) -> types::Inbound {
        types::Inbound {
            request_id: self.request_id.clone(),
            endpoint: self.endpoint.clone(),
            address: self.address.clone(),
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            headers: self.headers.clone(),
            body: self.body.clone(),
            received_at: self.received_at.timestamp_millis(),
            verified: self.verified,
            attributes: attributes(&self.attributes),
        }
    }
}

impl Give for records::StatusNotice {
    type Given = orders::StatusNotice;
    fn give(&self) -> orders::StatusNotice {
        orders::StatusNotice {
            notice_id: self.notice_id.clone(),
            external_id: self.external_id.clone(),
            platform: self.platform.clone(),
            status: status(self.status),
            at: self.at.timestamp_millis(),
            courier_ref: self.courier_ref.clone(),
            courier_name: self.courier_name.clone(),
            courier_phone: self.courier_phone.clone(),
            location: self.location.map(|point| types::GeoPoint {
                lat_e7: point.lat_e7,
                lon_e7: point.lon_e7,
            }),
            reason: self.reason.clone(),
            attributes: attributes(&self.attributes),
        }
    }
}

fn status(status: records::OrderStatus) -> orders::OrderStatus {
    match status {
        records::OrderStatus::Pending => orders::OrderStatus::Pending,
        records::OrderStatus::Accepted => orders::OrderStatus::Accepted,
        records::OrderStatus::Ready => orders::OrderStatus::Ready,
        records::OrderStatus::Assigned => orders::OrderStatus::Assigned,
        records::OrderStatus::AtPickup => orders::OrderStatus::AtPickup,
        records::OrderStatus::PickedUp => orders::OrderStatus::PickedUp,
        records::OrderStatus::InTransit => orders::OrderStatus::InTransit,
        records::OrderStatus::AtDropoff => orders::OrderStatus::AtDropoff,
        records::OrderStatus::Delivered => orders::OrderStatus::Delivered,
        records::OrderStatus::Failed => orders::OrderStatus::Failed,
        records::OrderStatus::Cancelled => orders::OrderStatus::Cancelled,
        records::OrderStatus::Returned => orders::OrderStatus::Returned,
        records::OrderStatus::Other => orders::OrderStatus::Other,
    }
}

impl Give for records::SmsMessage {
    type Given = sms::Message;
    fn give(&self) -> sms::Message {
        sms::Message {
            message_id: self.message_id.clone(),
            to: self.to.clone(),
            sender_name: self.sender_name.clone(),
            body: self.body.clone(),
            kind: match self.kind {
                records::SmsKind::OneTimePassword => sms::MessageKind::OneTimePassword,
                records::SmsKind::Transactional => sms::MessageKind::Transactional,
                records::SmsKind::Marketing => sms::MessageKind::Marketing,
                records::SmsKind::Other => sms::MessageKind::Other,
            },
            expires_at: self.expires_at.map(|at| at.timestamp_millis()),
            attributes: attributes(&self.attributes),
        }
    }
}

impl Give for records::SmsRef {
    type Given = sms::MessageRef;
    fn give(&self) -> sms::MessageRef {
        sms::MessageRef {
            message_id: self.message_id.clone(),
            provider_ref: self.provider_ref.clone(),
        }
    }
}

fn account(account: &records::BankAccount) -> payouts::Account {
    payouts::Account {
        holder: account.holder.clone(),
        iban: account.iban.clone(),
        bank_code: account.bank_code.clone(),
        attributes: attributes(&account.attributes),
    }
}

impl Give for records::PayoutBatch {
    type Given = payouts::Batch;
    fn give(&self) -> payouts::Batch {
        let payout = |payout: &records::Payout| payouts::Payout {
            payout_id: payout.payout_id.clone(),
            amount: money(&payout.amount),
            beneficiary: account(&payout.beneficiary),
            identity_no: payout.identity_no.clone(),
            wage: payout.wage.map(|wage| payouts::WageParts {
                basic_minor: wage.basic_minor,
                housing_minor: wage.housing_minor,
                other_minor: wage.other_minor,
                deductions_minor: wage.deductions_minor,
            }),
            memo: payout.memo.clone(),
            attributes: attributes(&payout.attributes),
        };
        payouts::Batch {
            batch_id: self.batch_id.clone(),
            reference: self.reference.clone(),
            purpose: match self.purpose {
                records::Purpose::Salary => payouts::Purpose::Salary,
                records::Purpose::Bonus => payouts::Purpose::Bonus,
                records::Purpose::Loan => payouts::Purpose::Loan,
                records::Purpose::Settlement => payouts::Purpose::Settlement,
                records::Purpose::Refund => payouts::Purpose::Refund,
                records::Purpose::Other => payouts::Purpose::Other,
            },
            value_day: self.value_day.clone(),
            total: money(&self.total),
            payer: account(&self.payer),
            establishment_no: self.establishment_no.clone(),
            payouts: self.payouts.iter().map(payout).collect(),
            attributes: attributes(&self.attributes),
        }
    }
}

impl Give for records::PayoutFile {
    type Given = payouts::File;
    fn give(&self) -> payouts::File {
        payouts::File {
            name: self.name.clone(),
            media_type: self.media_type.clone(),
            content: self.content.clone(),
        }
    }
}

impl Give for records::PluginEvent {
    type Given = events::Event;
    fn give(&self) -> events::Event {
        events::Event {
            event_id: self.event_id.clone(),
            name: self.name.clone(),
            version: self.version,
            occurred_at: self.occurred_at.timestamp_millis(),
            subject_id: self.subject_id.clone(),
            data: self.data.clone(),
            attributes: attributes(&self.attributes),
        }
    }
}

impl<T: Give> Give for Vec<T> {
    type Given = Vec<T::Given>;
    fn give(&self) -> Self::Given {
        self.iter().map(Give::give).collect()
    }
}
