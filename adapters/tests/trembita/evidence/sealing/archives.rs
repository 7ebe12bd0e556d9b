//! Archives of what was sealed: each is linked within and to the one before.

use chrono::Utc;
use kordon_adapters::trembita::evidence::archive;
use kordon_adapters::trembita::evidence::report::Verdict;
use kordon_hub::sealing::Sealer;
use kordon_hub::sealing::model::Previous;

use super::site::{checked, entries, site};
use crate::evidence::recipe::zipped;

#[tokio::test]
async fn archives_are_linked_and_what_was_changed_breaks_the_link() {
    let site = site("ec");
    let mut previous: Option<Previous> = None;
    for number in 1..=3_i64 {
        let start = usize::try_from(number).unwrap() * 10;
        let messages = site.sealed(start..start + 10).await;
        let packed = site.sealer.archive(messages, previous.as_ref()).await.unwrap();
        let path = site.folder.path().join(&packed.file_name);
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len(), packed.bytes);
        let before = previous.as_ref().map(|previous| previous.last_digest.clone());
        let report = archive::verify(&bytes, before.as_deref());
        assert_eq!((report.faults.as_slice(), report.containers), (&[][..], 10));
        assert_eq!(report.last_digest.as_deref(), Some(packed.last_digest.as_str()));
        assert_eq!(report.previous_file, previous.map(|previous| previous.file_name));
        for (name, content) in entries(&bytes).into_iter().filter(|(name, _)| name.ends_with(".asice")) {
            assert_eq!(checked(&content).verdict(), Verdict::Valid, "{name}");
        }
        let mut files = entries(&bytes);
        files[4].1[40] ^= 1;
        assert!(!archive::verify(&zipped(&files), before.as_deref()).faults.is_empty());
        previous = Some(Previous {
            number,
            file_name: packed.file_name,
            last_digest: packed.last_digest,
            made_at: Utc::now(),
        });
    }
    let last = previous.unwrap().file_name;
    site.sealer.remove(&last).await.unwrap();
    site.sealer.remove(&last).await.unwrap();
    assert!(!site.folder.path().join(last).exists());
}
