//! Both contracts come to the same records: what the first cannot say is left out, and the second is the first and a little
//! more.

use platform_plugin_records as records;

use super::fuel as first;
use super::returned::{Unread, read, transaction, unreadable};
use super::second::barq::plugin2_0_0::fuel as second;
use super::second::exports::barq::plugin2_0_0::fuel_source;
use crate::wire::{Answer, RawPage};

/// A page of the second contract.
pub(crate) fn second_fuel_page(page: fuel_source::Page) -> Answer {
    let mut unread = unreadable(page.unreadable);
    let records = read("fuel_transaction", page.transactions, &mut unread, second_transaction);
    Answer::FuelPage(RawPage {
        records,
        unreadable: unread,
        cursor: page.cursor,
        more: page.more,
    })
}

fn second_transaction(record: second::FuelTransaction) -> Result<records::FuelTransaction, Unread> {
    let known = match record.product {
        second::FuelProduct::Gasoline91 => records::FuelProduct::Gasoline91,
        second::FuelProduct::Gasoline95 => records::FuelProduct::Gasoline95,
        second::FuelProduct::Gasoline98 => records::FuelProduct::Gasoline98,
        second::FuelProduct::Diesel => records::FuelProduct::Diesel,
        second::FuelProduct::Electric => records::FuelProduct::Electric,
        second::FuelProduct::Lpg => records::FuelProduct::Lpg,
        second::FuelProduct::Other => records::FuelProduct::Other,
    };
    let discount_minor = record.discount_minor;
    let shared = transaction(first::FuelTransaction {
        external_id: record.external_id,
        occurred_at: record.occurred_at,
        time_known: record.time_known,
        product: first::FuelProduct::Other,
        product_name: record.product_name,
        volume_ml: record.volume_ml,
        unit_price_e4: record.unit_price_e4,
        amount: record.amount,
        vat_minor: record.vat_minor,
        card_ref: record.card_ref,
        plate_ref: record.plate_ref,
        plate_ref_ar: record.plate_ref_ar,
        vin_ref: record.vin_ref,
        internal_ref: record.internal_ref,
        driver_ref: record.driver_ref,
        station_name: record.station_name,
        station_city: record.station_city,
        station_location: record.station_location,
        odometer_m: record.odometer_m,
        receipt_no: record.receipt_no,
        attributes: record.attributes,
    })?;
    Ok(records::FuelTransaction {
        product: known,
        discount_minor,
        ..shared
    })
}
