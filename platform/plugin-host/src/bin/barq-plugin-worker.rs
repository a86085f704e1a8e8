//! The plugin worker by itself, for tests and measurements of this crate. The product runs `barq plugin-worker`.

fn main() -> anyhow::Result<()> {
    platform_plugin_host::worker_main()
}
