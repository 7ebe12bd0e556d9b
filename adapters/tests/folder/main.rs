//! Files that are whole or not there, on a disk that takes no more.

#[cfg(test)]
mod full_disk;
