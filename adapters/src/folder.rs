//! Files that are whole or not there: how a notice is put into a folder from which another system takes it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use kordon_hub::notices::{ChannelFault, Receipt};
use uuid::Uuid;

/// A folder that another system empties. Whoever reads it passes over names that begin with a dot: those are
/// unfinished.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`. It is made when the first file is put there.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Puts a file into the folder, in place of an earlier one of that name. When it is there it is complete
    /// and on the disk, whatever happens to the machine.
    ///
    /// # Errors
    /// Always [`ChannelFault::Transient`]: a full disk, a missing mount or a wrong owner is a person's to
    /// mend, and then nothing is lost.
    pub async fn put(
        &self,
        name: String,
        media_type: &str,
        content: Vec<u8>,
    ) -> Result<Receipt, ChannelFault> {
        let folder = self.0.clone();
        let detail = format!("put into the folder as {name}");
        tokio::task::spawn_blocking(move || put_now(&folder, &name, &content).map(|()| content))
            .await
            .map_err(io::Error::other)
            .flatten()
            .map(|content| Receipt::of(detail, media_type, content))
            .map_err(|error| ChannelFault::Transient(format!("the folder does not take the file: {error}")))
    }
}

fn put_now(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    // A name of its own: an attempt that was given up may still be writing.
    let unfinished = folder.join(format!(".{name}.{}", Uuid::new_v4().simple()));
    let put = File::create_new(&unfinished)
        .and_then(|file| write_whole(file, content))
        .and_then(|()| fs::rename(&unfinished, folder.join(name)))
        // The rename is on the disk when its folder is.
        .and_then(|()| File::open(folder)?.sync_all());
    if put.is_err() {
        // It may not be there, and if it can't be removed it harms nobody.
        drop(fs::remove_file(&unfinished));
    }
    put
}

fn write_whole(mut file: File, content: &[u8]) -> io::Result<()> {
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_put_twice_is_there_once() {
        let folder = tempfile::tempdir().unwrap();
        for content in ["old", "new"] {
            put_now(folder.path(), "notice.xml", content.as_bytes()).unwrap();
        }
        assert_eq!(names(folder.path()), ["notice.xml"]);
        assert_eq!(fs::read_to_string(folder.path().join("notice.xml")).unwrap(), "new");
    }

    #[test]
    fn the_folder_is_made_when_it_is_missing() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("to/taxud");
        put_now(&folder, "notice.xml", b"whole").unwrap();
        assert_eq!(names(&folder), ["notice.xml"]);
    }

    #[tokio::test]
    async fn a_file_in_place_of_the_folder_is_a_transient_fault() {
        let parent = tempfile::tempdir().unwrap();
        let in_the_way = parent.path().join("taxud");
        fs::write(&in_the_way, "").unwrap();
        let fault = Folder::at(in_the_way)
            .put("notice.xml".into(), "application/xml", b"whole".to_vec())
            .await
            .unwrap_err();
        assert!(
            matches!(&fault, ChannelFault::Transient(detail) if detail.contains("does not take")),
            "{fault:?}"
        );
    }

    #[test]
    fn a_write_to_a_full_device_fails() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        assert_eq!(write_whole(full, b"whole").unwrap_err().kind(), io::ErrorKind::StorageFull);
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}
