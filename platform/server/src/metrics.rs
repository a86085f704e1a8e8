//! What an operator's monitoring reads. Labels are operations and statuses, never anything of a tenant's.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Call {
    operation: String,
    status: u16,
}

/// Counters of the process.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    requests: Family<Call, Counter>,
    duration: Histogram,
}

impl Metrics {
    /// Fresh counters.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("barq");
        let requests = Family::<Call, Counter>::default();
        registry.register("requests", "Answered calls", requests.clone());
        // From half a millisecond to eight seconds.
        let duration = Histogram::new(exponential_buckets(0.0005, 2.0, 15));
        registry.register_with_unit("request_duration", "Time to answer", Unit::Seconds, duration.clone());
        Self {
            registry: Arc::new(registry),
            requests,
            duration,
        }
    }

    /// Counts one answered call.
    pub fn answered(&self, operation: &str, status: u16, took: Duration) {
        self.requests
            .get_or_create(&Call {
                operation: operation.to_owned(),
                status,
            })
            .inc();
        self.duration.observe(took.as_secs_f64());
    }

    /// The text form.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
