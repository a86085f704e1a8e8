//! The server under test as a process of its own, and the two organizations that it serves.

use anyhow::{Context, Result, bail};
use serde_json::{Value as Json, json};
use sqlx::PgConnection;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use uuid::Uuid;

use crate::http::Connection;

/// Rows of each organization.
pub const COURIERS: i32 = 1_000;
pub const VEHICLES: i32 = 500;
pub const FUEL_LOGS: i32 = 100_000;
pub const DELIVERIES: i32 = 100_000;

/// A running `barq serve`, killed with the value.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub port: u16,
}

impl Server {
    /// Starts it and waits until it is open.
    pub fn start(binary: &Path, data: &Path, database: &str, connections: usize, role: &str) -> Result<Self> {
        let mut command = Command::new(binary);
        command.args([
            "serve",
            "--port",
            "0",
            "--empty",
            "--role",
            role,
            "--connections",
            &connections.to_string(),
        ]);
        // One caller asks more than any person: the limits count, and do not refuse.
        let wide = "1000000/s:10000000";
        command.env("BARQ_LIMITS", format!("user={wide},organization={wide},address={wide}"));
        command
            .arg("--data")
            .arg(data)
            .arg("--console")
            .arg(data.join("no-console"));
        command
            .env("BARQ_DATABASE_URL", database)
            .env("BARQ_DATABASE_SECRET", "not-a-secret-benchmark-only");
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}", binary.display()))?;
        let output = child.stderr.take().context("its messages")?;
        let mut lines = BufReader::new(output).lines();
        let mut said = String::new();
        let port = loop {
            let Some(line) = lines.next().transpose()? else {
                bail!("the server did not start:\n{said}")
            };
            if let Some((_, address)) = line.split_once("http://localhost:") {
                let digits: String = address.chars().take_while(char::is_ascii_digit).collect();
                break digits.parse().context("the port")?;
            }
            said = said + &line + "\n";
        };
        // A pipe that nobody empties would stop the server.
        std::thread::spawn(move || lines.map_while(Result::ok).count());
        Ok(Self { child, port })
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A process that is already gone is what we want.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A company and its owner.
pub struct Organization {
    /// Its id.
    pub id: Uuid,
    email: String,
    /// `Authorization` of its owner.
    pub token: String,
}

const PASSWORD: &str = "correct horse battery";

fn post(port: u16, path: &str, body: &Json) -> Result<Json> {
    call(port, &format!("POST {path}"), "", body)
}

fn call(port: u16, path: &str, headers: &str, body: &Json) -> Result<Json> {
    let body = body.to_string();
    let head = format!(
        "{path} HTTP/1.1\r\nhost: localhost\r\n{headers}content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut connection = Connection::open(port)?;
    let (status, answer) = connection.call((head + &body).as_bytes())?;
    if !(200..300).contains(&status) {
        bail!("{path} answered {status}: {}", String::from_utf8_lossy(answer));
    }
    Ok(serde_json::from_slice(answer)?)
}

impl Organization {
    /// Signs up.
    pub fn register(port: u16, name: &str, email: &str) -> Result<Self> {
        let body = json!({"email": email, "password": PASSWORD, "full_name": "Owner", "organization_name": name});
        let session = post(port, "/api/v1/auth/register", &body)?;
        let id = session["organization"]["id"]
            .as_str()
            .context("an organization")?
            .parse()?;
        Ok(Self {
            id,
            email: email.to_owned(),
            token: token(&session)?,
        })
    }

    /// Signs in again: a token lives for a quarter of an hour.
    pub fn login(&mut self, port: u16) -> Result<()> {
        let body = json!({"email": self.email, "password": PASSWORD});
        self.token = token(&post(port, "/api/v1/auth/login", &body)?)?;
        Ok(())
    }

    /// A request of its owner.
    pub fn post(&self, port: u16, path: &str, body: &Json) -> Result<Json> {
        call(port, &format!("POST {path}"), &self.authorization(), body)
    }

    /// What its owner is shown.
    pub fn get(&self, port: u16, path: &str) -> Result<Json> {
        call(port, &format!("GET {path}"), &self.authorization(), &json!({}))
    }

    fn authorization(&self) -> String {
        format!("authorization: Bearer {}\r\n", self.token)
    }
}

fn token(session: &Json) -> Result<String> {
    Ok(session["access_token"].as_str().context("an access token")?.to_owned())
}

/// Ids of loaded rows: in order, as time-ordered ids are.
pub fn row_id(table: u8, number: i32) -> String {
    format!("{}{number:012}", id_prefix(table))
}

/// What the ids of a table's loaded rows begin with.
pub fn id_prefix(table: u8) -> String {
    format!("0197a000-000{table}-7000-8000-")
}

/// Tables of [`row_id`].
pub const VEHICLE: u8 = 2;
pub const FUEL_LOG: u8 = 3;
pub const DELIVERY: u8 = 4;

const LOAD_COURIERS: &str =
    "INSERT INTO fleet.couriers (organization_id, id, created_at, updated_at, barq_id, full_name,
    status, mobile_number, sponsorship_status, project_type, city, joined_on, basic_salary, performance_score,
    total_deliveries)
SELECT $1, ('0197a000-0001-7000-8000-' || lpad(n::text, 12, '0'))::uuid, t, t, 'BRQ-' || n, 'Courier ' || n,
    CASE WHEN n % 10 = 0 THEN 'on_leave' ELSE 'active' END, '+9665' || lpad(n::text, 8, '0'), 'inhouse', 'food',
    'Riyadh', date '2024-01-01' + n % 700, 400000, 80 + n % 20, n * 3
FROM generate_series(1, $2) n, (SELECT timestamptz '2025-06-24 08:00:00.123456+00') AS time (t)";

const LOAD_VEHICLES: &str = "INSERT INTO fleet.vehicles (organization_id, id, created_at, updated_at, plate_number,
    internal_number, vehicle_type, status, make, model, year, color, ownership_type, assigned_to_city, is_pool_vehicle,
    registration_number, registration_expires_on, insurance_company, insurance_expires_on, vin_number, transmission,
    fuel_type, fuel_capacity_l, fuel_card_number, mileage_km, total_distance_km, total_trips, next_service_on,
    is_gps_active, purchase_price, purchased_on, depreciation_rate_percent)
SELECT $1, ('0197a000-0002-7000-8000-' || lpad(n::text, 12, '0'))::uuid, t, t, 'ABJ ' || lpad(n::text, 4, '0'),
    'V-' || n, CASE WHEN n % 3 = 0 THEN 'motorcycle' ELSE 'car' END,
    CASE WHEN n % 10 = 0 THEN 'maintenance' ELSE 'active' END, 'Toyota', 'Yaris', 2018 + n % 8, 'white', 'owned',
    'Riyadh', false, 'R' || n, date '2026-12-01' + n % 365, 'Tawuniya', date '2026-12-01' + n % 365,
    'JTDBR32E' || lpad(n::text, 9, '0'), 'automatic', 'gasoline', 42, '7000' || lpad(n::text, 8, '0'), n * 100.5, n * 90, n * 7,
    date '2026-09-01' + n % 90, true, 6500000, date '2024-01-01', 20
FROM generate_series(1, $2) n, (SELECT timestamptz '2025-06-24 08:00:00.123456+00') AS time (t)";

const LOAD_FUEL_LOGS: &str =
    "INSERT INTO fleet.fuel_logs (organization_id, id, created_at, updated_at, vehicle_id, courier_id,
    filled_on, filled_at, volume_l, cost, unit_price, odometer_km, is_full_tank, product, station, payment_method,
    receipt_number)
SELECT $1, ('0197a000-0003-7000-8000-' || lpad(n::text, 12, '0'))::uuid, t, t,
    ('0197a000-0002-7000-8000-' || lpad((n % $3 + 1)::text, 12, '0'))::uuid,
    ('0197a000-0001-7000-8000-' || lpad((n % $4 + 1)::text, 12, '0'))::uuid,
    day, day + time '09:30:15', 20 + n % 30 + 0.125, (20 + n % 30) * 218, 2.18, n / $3 * 350, n % 3 > 0,
    CASE WHEN n % 5 = 0 THEN 'diesel' ELSE 'gasoline91' END, 'Station ' || n % 40,
    CASE WHEN n % 2 = 0 THEN 'fuel_card' ELSE 'cash' END, 'RC' || n
FROM generate_series(1, $2) n,
    LATERAL (SELECT timestamptz '2025-06-24 08:00:00.123456+00', date '2025-01-01' + n / 200) AS time (t, day)";

const LOAD_DELIVERIES: &str = "INSERT INTO operations.deliveries (organization_id, id, created_at, updated_at,
    delivery_number, tracking_number, status, courier_id, service_level, priority, platform, platform_order_id,
    ordered_at, customer_name, customer_phone, pickup_address, pickup_latitude, pickup_longitude, delivery_address,
    delivery_latitude, delivery_longitude, distance_km, estimated_minutes, cod_amount, delivery_fee, items_count,
    is_fragile, attempt_count, assigned_at, accepted_at, picked_up_at, delivered_at)
SELECT $1, ('0197a000-0004-7000-8000-' || lpad(n::text, 12, '0'))::uuid, at, at, 'DEL-' || n, 'T' || n,
    CASE WHEN n % 12 = 0 THEN 'failed' WHEN n % 25 = 1 THEN 'in_transit' ELSE 'delivered' END,
    ('0197a000-0001-7000-8000-' || lpad((n % $3 + 1)::text, 12, '0'))::uuid, 'standard', 'normal',
    CASE WHEN n % 3 = 0 THEN 'jahez' ELSE 'barq' END, 'P' || n, at, 'Customer ' || n % 5000,
    '+9665' || lpad((n % 5000)::text, 8, '0'), 'Olaya Street ' || n % 90, 24.7 + n % 100 * 0.001, 46.6, 'King Fahd Road ' || n % 700,
    24.8, 46.7 + n % 100 * 0.001, n % 12 + 0.5, 35, n % 4 * 2500, 1500, n % 5 + 1, false, 1, at, at, at,
    CASE WHEN n % 12 > 0 AND n % 25 <> 1 THEN at + interval '35 minutes' END
FROM generate_series(1, $2) n,
    LATERAL (SELECT timestamptz '2025-01-01 08:00:00.123456+00' + n * interval '4 minutes') AS time (at)";

/// Loads the rows of an organization as the database's administrator.
pub async fn load(connection: &mut PgConnection, organization: Uuid) -> Result<()> {
    let couriers = sqlx::query(LOAD_COURIERS).bind(organization).bind(COURIERS);
    couriers.execute(&mut *connection).await.context("loading couriers")?;
    let vehicles = sqlx::query(LOAD_VEHICLES).bind(organization).bind(VEHICLES);
    vehicles.execute(&mut *connection).await.context("loading vehicles")?;
    let logs = sqlx::query(LOAD_FUEL_LOGS)
        .bind(organization)
        .bind(FUEL_LOGS)
        .bind(VEHICLES)
        .bind(COURIERS);
    logs.execute(&mut *connection).await.context("loading fuel logs")?;
    let deliveries = sqlx::query(LOAD_DELIVERIES)
        .bind(organization)
        .bind(DELIVERIES)
        .bind(COURIERS);
    deliveries
        .execute(&mut *connection)
        .await
        .context("loading deliveries")?;
    Ok(())
}
