//! What the signatures alone would allow: `openssl speed` of the key that both sides use, on all cores.

use anyhow::{Context, ensure};
use tokio::process::Command;

use super::key_size::KeySize;

/// So often a second one signature of an RSA key of that size can be verified and one be made.
pub(super) async fn of_rsa(size: KeySize) -> anyhow::Result<f64> {
    let bits = size.bits();
    let cores = std::thread::available_parallelism()?.to_string();
    let said = Command::new("openssl")
        .kill_on_drop(true)
        .args(["speed", "-seconds", "2", "-multi", &cores, &format!("rsa{bits}")])
        .output()
        .await
        .context("openssl does not start")?;
    ensure!(said.status.success(), "openssl failed: {}", String::from_utf8_lossy(&said.stderr));
    let text = String::from_utf8_lossy(&said.stdout);
    let named = format!("rsa {bits} bits");
    let line = text.lines().rfind(|line| line.trim_start().starts_with(&named));
    let line = line.with_context(|| format!("openssl says nothing of RSA: {text}"))?;
    let mut numbers = line.split_whitespace().rev().map(str::parse::<f64>);
    let (Some(Ok(verified)), Some(Ok(signed))) = (numbers.next(), numbers.next()) else {
        anyhow::bail!("openssl says `{line}`");
    };
    Ok(1.0 / (1.0 / verified + 1.0 / signed))
}
