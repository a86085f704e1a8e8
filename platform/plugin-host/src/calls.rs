//! One method for each function of the contract.

use chrono::{DateTime, Utc};
use platform_plugin_records::{
    Effects, Fault, Inbound, NoticeResult, PayoutBatch, PayoutFile, PluginEvent, PreparedBatch, SmsMessage, SmsRef,
    SmsResult, StatusNotice,
};

use crate::host::{Call, PluginHost};
use crate::input::Input;
use crate::outcome::{
    Answer, FuelPage, Handled, Health, OrderNews, OrderPage, Outcome, PayoutReport, Results, SmsReports, malformed,
};

/// The answer of the expected kind. Another was refused before it got here.
macro_rules! expect {
    ($outcome:expr, $case:ident) => {
        $outcome.with(|answer| match answer {
            Answer::$case(value) => Ok(value),
            _ => Err(stray()),
        })
    };
}

fn stray() -> Fault {
    malformed("what another function answers with")
}

impl PluginHost {
    /// Tests the connection.
    pub async fn call_check(&self, call: Call<'_>) -> Outcome<Health> {
        expect!(self.call_input(call, Input::Check).await, Health)
    }

    /// Tells the plugin that the installation comes to its version from another.
    pub async fn call_migrate(&self, call: Call<'_>, from_version: Option<String>) -> Outcome<()> {
        let outcome = self.call_input(call, Input::Migrate { from_version }).await;
        outcome.with(|answer| match answer {
            Answer::Migrated => Ok(()),
            _ => Err(stray()),
        })
    }

    /// The next page of the provider's transactions.
    pub async fn call_fuel_pull(
        &self,
        call: Call<'_>,
        cursor: Option<String>,
        since: DateTime<Utc>,
    ) -> Outcome<FuelPage> {
        expect!(self.call_input(call, Input::FuelPull { cursor, since }).await, FuelPage)
    }

    /// The next page of the platform's orders.
    pub async fn call_orders_pull(
        &self,
        call: Call<'_>,
        cursor: Option<String>,
        since: DateTime<Utc>,
    ) -> Outcome<OrderPage> {
        expect!(
            self.call_input(call, Input::OrdersPull { cursor, since }).await,
            OrderPage
        )
    }

    /// What a message of the platform says.
    pub async fn call_order_event(&self, call: Call<'_>, message: Inbound) -> Outcome<OrderNews> {
        expect!(self.call_input(call, Input::OrderEvent(message)).await, OrderNews)
    }

    /// Tells the platform of couriers' progress; one result for each notice, in their order.
    pub async fn call_order_status(
        &self,
        call: Call<'_>,
        notices: Vec<StatusNotice>,
    ) -> Outcome<Results<NoticeResult>> {
        expect!(self.call_input(call, Input::OrderStatus(notices)).await, OrderStatus)
    }

    /// Sends messages; one result for each, in their order.
    pub async fn call_sms_send(&self, call: Call<'_>, messages: Vec<SmsMessage>) -> Outcome<Results<SmsResult>> {
        expect!(self.call_input(call, Input::SmsSend(messages)).await, SmsSend)
    }

    /// What the gateway's callback says.
    pub async fn call_sms_report(&self, call: Call<'_>, message: Inbound) -> Outcome<SmsReports> {
        expect!(self.call_input(call, Input::SmsReport(message)).await, SmsReports)
    }

    /// Asks the gateway for the state of messages.
    pub async fn call_sms_query(&self, call: Call<'_>, messages: Vec<SmsRef>) -> Outcome<SmsReports> {
        expect!(self.call_input(call, Input::SmsQuery(messages)).await, SmsReports)
    }

    /// Makes the files of a batch, or submits it.
    pub async fn call_payout_batch(&self, call: Call<'_>, batch: PayoutBatch) -> Outcome<PreparedBatch> {
        expect!(
            self.call_input(call, Input::PayoutBatch(Box::new(batch))).await,
            PayoutBatch
        )
    }

    /// What a status or return file of the bank says.
    pub async fn call_payout_file(&self, call: Call<'_>, file: PayoutFile) -> Outcome<PayoutReport> {
        expect!(self.call_input(call, Input::PayoutFile(file)).await, PayoutReport)
    }

    /// Asks the bank for the state of a batch.
    pub async fn call_payout_query(
        &self,
        call: Call<'_>,
        batch_id: String,
        provider_ref: Option<String>,
    ) -> Outcome<PayoutReport> {
        let input = Input::PayoutQuery { batch_id, provider_ref };
        expect!(self.call_input(call, input).await, PayoutReport)
    }

    /// Hands over an event of the organization.
    pub async fn call_event(&self, call: Call<'_>, event: PluginEvent) -> Outcome<Effects> {
        expect!(self.call_input(call, Input::Event(event)).await, Effects)
    }

    /// Runs a schedule.
    pub async fn call_schedule(&self, call: Call<'_>, name: String, planned_for: DateTime<Utc>) -> Outcome<Effects> {
        expect!(
            self.call_input(call, Input::Schedule { name, planned_for }).await,
            Effects
        )
    }

    /// Runs a job that an earlier effect asked for.
    pub async fn call_job(&self, call: Call<'_>, name: String, key: String, payload: Vec<u8>) -> Outcome<Effects> {
        expect!(self.call_input(call, Input::Job { name, key, payload }).await, Effects)
    }

    /// Hands over a request from outside.
    pub async fn call_webhook(&self, call: Call<'_>, request: Inbound) -> Outcome<Handled> {
        expect!(self.call_input(call, Input::Webhook(request)).await, Webhook)
    }
}
