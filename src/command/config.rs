//! `hushreel config`: what is settled, and whether the file is right.

use super::{Common, print};
use crate::config::KEYS;
use crate::country::Countries;
use crate::error::Result;
use clap::Subcommand;
use serde_json::json;

#[derive(Debug, Subcommand)]
#[command(name = "config")]
pub enum ConfigCommand {
    /// Check the configuration without starting anything
    #[command(after_help = keys_help())]
    Check,
    /// What is in force, with flags, environment and file taken together
    Show,
}

impl ConfigCommand {
    pub fn run(self, common: &Common) -> Result<()> {
        let config = common.settle()?;
        let settings = &config.settings;
        let value = json!({
            "file": config.file,
            "data": config.data,
            "key_file": config.key_file,
            "listen": config.listen,
            "public_url": settings.public_url,
            "behind_proxy": settings.behind_proxy,
            "geo_mmdb": settings.geo_mmdb,
            "backup_dir": settings.backup_dir,
            "site_batches_per_second": settings.limits.site_batches_per_s,
            "client_batches_per_second": settings.limits.client_batches_per_s,
            "queue_batches": settings.limits.queue_batches,
            "policy": settings.fixed.all,
            "sites": settings.fixed.sites,
        });
        match self {
            Self::Check => {
                config.check_listen()?;
                Countries::open(settings.geo_mmdb.as_deref())?;
                print::answer(common.json, &json!({ "ok": true }), || "The configuration is right.".to_owned())
            }
            Self::Show => print::answer(common.json, &value, || {
                let lines = value.as_object().into_iter().flatten().map(|(key, value)| format!("{key} = {value}"));
                lines.collect::<Vec<_>>().join("\n")
            }),
        }
    }
}

fn keys_help() -> String {
    let lines = KEYS.iter().map(|(key, meaning)| format!("  {key:26}{meaning}"));
    format!("Keys of the file (TOML):\n{}", lines.collect::<Vec<_>>().join("\n"))
}
