//! The process that runs the guests of this crate's tests; in the product it is `barq plugin-worker`. An example, because cargo
//! builds those for tests and for nothing else.

fn main() -> anyhow::Result<()> {
    platform_plugin_host::worker_main()
}
