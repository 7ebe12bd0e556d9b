//! `kordon openapi`: the contract on standard output, as it is checked in under `openapi/`.

use std::io::Write;

/// Prints the contract.
pub(super) fn run() -> anyhow::Result<()> {
    std::io::stdout().lock().write_all(kordon_api::server::contract_json()?.as_bytes())?;
    Ok(())
}
