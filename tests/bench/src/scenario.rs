//! What is measured: the calls of one resource.

use std::sync::atomic::{AtomicI32, Ordering};

use crate::world::{DELIVERIES, DELIVERY, FUEL_LOG, FUEL_LOGS, Organization, VEHICLE, VEHICLES, id_prefix, row_id};

/// A call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    /// A page with this query.
    List(&'static str),
    /// A row, another one each time.
    Read,
    /// A new row.
    Create,
    /// A change of one field of a row, another one each time.
    Update,
}

/// One line of the table.
#[derive(Debug)]
pub struct Scenario {
    /// What it is called in the table.
    pub name: &'static str,
    /// `fuel_logs`, `vehicles` or `deliveries`.
    pub resource: &'static str,
    call: Call,
    /// Whether the targets of reads hold for it.
    pub is_read: bool,
    /// The status of a good answer.
    pub status: u16,
}

const fn scenario(resource: &'static str, name: &'static str, call: Call) -> Scenario {
    Scenario {
        name,
        resource,
        call,
        is_read: matches!(call, Call::List(_) | Call::Read),
        status: if matches!(call, Call::Create) { 201 } else { 200 },
    }
}

/// Reads come first: writes add rows.
pub const SCENARIOS: [Scenario; 15] = [
    scenario("fuel_logs", "read one", Call::Read),
    scenario("fuel_logs", "list 50", Call::List("limit=50")),
    scenario("fuel_logs", "list 100", Call::List("limit=100")),
    scenario(
        "fuel_logs",
        "list 100, filter and sort",
        Call::List("limit=100&payment_method=fuel_card&filled_on.gte=2025-06-01&sort=-filled_on"),
    ),
    scenario("vehicles", "read one", Call::Read),
    scenario("vehicles", "list 50", Call::List("limit=50")),
    scenario("vehicles", "list 100", Call::List("limit=100")),
    scenario(
        "vehicles",
        "list 100, filter and sort",
        Call::List("limit=100&status=active&sort=plate_number"),
    ),
    scenario("deliveries", "read one", Call::Read),
    scenario("deliveries", "list 100", Call::List("limit=100")),
    scenario(
        "deliveries",
        "list 100, filter and sort",
        Call::List("limit=100&status=delivered&delivered_at.gte=2025-06-01T00:00:00Z&sort=-delivered_at"),
    ),
    scenario("fuel_logs", "create", Call::Create),
    scenario("vehicles", "create", Call::Create),
    scenario("fuel_logs", "update", Call::Update),
    scenario("vehicles", "update", Call::Update),
];

/// Numbers that no other request of this run has.
static NUMBER: AtomicI32 = AtomicI32::new(0);

impl Scenario {
    fn table(&self) -> (u8, i32) {
        match self.resource {
            "vehicles" => (VEHICLE, VEHICLES),
            "deliveries" => (DELIVERY, DELIVERIES),
            _ => (FUEL_LOG, FUEL_LOGS),
        }
    }

    fn module(&self) -> &'static str {
        if self.resource == "deliveries" {
            "operations"
        } else {
            "fleet"
        }
    }

    /// Writes a request of an organization's owner.
    pub fn request(&self, organization: &Organization, out: &mut Vec<u8>) {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        self.numbered(organization, number, out);
    }

    fn numbered(&self, organization: &Organization, number: i32, out: &mut Vec<u8>) {
        let (table, rows) = self.table();
        // A prime step visits every row in an order that is not the table's.
        let id = row_id(table, number.wrapping_mul(7919).rem_euclid(rows) + 1);
        let (method, tail, body) = match self.call {
            Call::List(query) => ("GET", format!("?{query}"), String::new()),
            Call::Read => ("GET", format!("/{id}"), String::new()),
            Call::Update => ("PATCH", format!("/{id}"), format!("{{\"notes\":\"Change {number}\"}}")),
            Call::Create => ("POST", String::new(), self.fresh(number)),
        };
        let head = format!(
            "{method} /api/v1/{}/{}{tail} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n",
            self.module(),
            self.resource,
            organization.token
        );
        out.extend_from_slice(head.as_bytes());
        if !body.is_empty() {
            let head = format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
            out.extend_from_slice(head.as_bytes());
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(body.as_bytes());
    }

    fn fresh(&self, number: i32) -> String {
        if self.resource == "vehicles" {
            return format!(
                "{{\"internal_number\":\"N-{number}\",\"vehicle_type\":\"car\",\"make\":\"Toyota\",\"model\":\"Hilux\",\
                 \"year\":2024,\"fuel_type\":\"diesel\"}}"
            );
        }
        let vehicle = row_id(VEHICLE, number % VEHICLES + 1);
        format!(
            "{{\"vehicle_id\":\"{vehicle}\",\"filled_on\":\"2026-06-01\",\"volume_l\":\"31.250\",\"cost\":\"68.13\",\
             \"odometer_km\":\"52000.00\",\"station\":\"Station 7\",\"payment_method\":\"fuel_card\"}}"
        )
    }

    /// The request that is listened to, and what a script has to put in place of its values so that each transaction is a new one.
    pub fn heard(&self, organization: &Organization, out: &mut Vec<u8>) -> Vec<(String, String)> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        self.numbered(organization, number, out);
        let (table, rows) = self.table();
        let id = row_id(table, number.wrapping_mul(7919).rem_euclid(rows) + 1);
        let any = format!("('{}' || lpad(:row::text, 12, '0'))::uuid", id_prefix(table));
        match self.call {
            Call::Create => vec![(format!("{{N-{number}}}"), "ARRAY['P-' || :fresh::text]".to_owned())],
            Call::Update => vec![
                (format!("{{{id}}}"), format!("ARRAY[{any}]")),
                (id, any),
                (format!("Change {number}"), "'Change ' || :fresh::text".to_owned()),
            ],
            // A row that is read again and again stays in the processor's cache: both sides visit another one each time.
            Call::Read => vec![(id, any)],
            Call::List(_) => Vec::new(),
        }
    }

    /// Loaded rows of its table.
    pub fn rows(&self) -> i32 {
        self.table().1
    }
}
