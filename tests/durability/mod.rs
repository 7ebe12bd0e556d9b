//! What was acknowledged is there, once, whatever dies in the middle.

mod away;
mod killed;
mod load;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::process::Client;

/// Every recorded event of a checkpoint, by the id that its source gave it, with how often it is there.
async fn recorded(client: &Client, checkpoint: &str) -> BTreeMap<String, u32> {
    let mut ids = BTreeMap::new();
    let mut after = 0;
    loop {
        let address = format!("/api/v1/checkpoints/{checkpoint}/events?after={after}&limit=500");
        let page = client.get(&address).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let items = page.body["items"].as_array().unwrap();
        if items.is_empty() {
            return ids;
        }
        for item in items {
            *ids.entry(text(&item["id"])).or_default() += 1;
        }
        after = page.body["next"].as_i64().unwrap();
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
