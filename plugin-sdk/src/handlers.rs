//! What a plugin implements. Each trait is one interface of the contract; [`export!`](crate::export) says which of them the
//! component offers. What a trait already answers says `unsupported`.

use crate::{
    Batch, BatchFile, CallContext, DeliveryReport, Effect, Event, Failure, FuelPage, Handled, Health, Inbound,
    NoticeResult, OrderNews, OrderPage, PayoutReport, Prepared, Result, SmsMessage, SmsRef, SmsResult, StatusNotice,
};

/// Every plugin has this.
pub trait Lifecycle {
    /// A cheap call that proves address and credentials.
    fn check(ctx: &CallContext) -> Result<Health>;

    /// Runs once when the installation comes to this version from another. `None`: it is new.
    fn migrate(ctx: &CallContext, from_version: Option<&str>) -> Result<()> {
        let _ = (ctx, from_version);
        Ok(())
    }
}

/// Brings fuel transactions.
pub trait FuelSource {
    /// The next page after `cursor`, with transactions not before `since` (milliseconds since 1970).
    fn pull(ctx: &CallContext, cursor: Option<&str>, since: i64) -> Result<FuelPage>;
}

/// Brings orders of a delivery platform, and tells it of couriers' progress.
pub trait OrderSource {
    /// The next page after `cursor`, with orders not before `since` (milliseconds since 1970).
    fn pull(ctx: &CallContext, cursor: Option<&str>, since: i64) -> Result<OrderPage> {
        let _ = (ctx, cursor, since);
        Err(Failure::unsupported("pull"))
    }

    /// What a message of the platform says.
    fn event(ctx: &CallContext, message: Inbound) -> Result<OrderNews> {
        let _ = (ctx, message);
        Err(Failure::unsupported("event"))
    }

    /// Tells the platform; one result for each notice.
    fn push_status(ctx: &CallContext, notices: Vec<StatusNotice>) -> Result<Vec<NoticeResult>> {
        let _ = (ctx, notices);
        Err(Failure::unsupported("push_status"))
    }
}

/// Sends text messages.
pub trait SmsGateway {
    /// One result for each message. A failure of the whole says that none was sent.
    fn send(ctx: &CallContext, messages: Vec<SmsMessage>) -> Result<Vec<SmsResult>>;

    /// What the gateway's callback says.
    fn report(ctx: &CallContext, message: Inbound) -> Result<Vec<DeliveryReport>> {
        let _ = (ctx, message);
        Err(Failure::unsupported("report"))
    }

    /// Asks for the state of messages.
    fn query(ctx: &CallContext, messages: Vec<SmsRef>) -> Result<Vec<DeliveryReport>> {
        let _ = (ctx, messages);
        Err(Failure::unsupported("query"))
    }
}

/// Pays people through a bank.
pub trait PayoutGateway {
    /// Makes the files of a batch, or submits it. Called twice with the same batch, it pays once.
    fn prepare(ctx: &CallContext, batch: Batch) -> Result<Prepared>;

    /// What a status or return file of the bank says.
    fn read_file(ctx: &CallContext, file: BatchFile) -> Result<PayoutReport> {
        let _ = (ctx, file);
        Err(Failure::unsupported("read_file"))
    }

    /// Asks for the state of a batch that was submitted.
    fn query(ctx: &CallContext, batch_id: &str, provider_ref: Option<&str>) -> Result<PayoutReport> {
        let _ = (ctx, batch_id, provider_ref);
        Err(Failure::unsupported("query"))
    }
}

/// Reacts to events of the organization.
pub trait Events {
    /// An event may come twice: its id is then the same.
    fn handle(ctx: &CallContext, event: Event) -> Result<Vec<Effect>>;
}

/// Runs at set times.
pub trait Schedule {
    /// `name` is a `[[schedule]]` of the manifest, `planned_for` its time (milliseconds since 1970).
    fn run(ctx: &CallContext, name: &str, planned_for: i64) -> Result<Vec<Effect>>;

    /// A job that an earlier effect asked for.
    fn job(ctx: &CallContext, name: &str, key: &str, payload: Vec<u8>) -> Result<Vec<Effect>> {
        let _ = (ctx, name, key, payload);
        Err(Failure::unsupported("job"))
    }
}

/// Takes requests from outside.
pub trait Webhook {
    /// The request is stored and its signature checked.
    fn receive(ctx: &CallContext, request: Inbound) -> Result<Handled>;
}

/// A plugin that brings fuel transactions and does nothing else; see [`fuel_plugin!`](crate::fuel_plugin).
pub trait FuelPlugin {
    /// A cheap call that proves address and credentials.
    fn check(ctx: &CallContext) -> Result<Health>;

    /// The next page after `cursor`, with transactions not before `since` (milliseconds since 1970).
    fn pull(ctx: &CallContext, cursor: Option<&str>, since: i64) -> Result<FuelPage>;
}
