//! A disk as it looks to a program that counts on `fsync`: what was synced stays, what was written since may be there
//! after a power loss in any part, sector by sector.

use crate::trace::Moment;

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

/// A file: what is certain of it, and what has been done to it since.
pub struct Disk {
    certain: Vec<u8>,
    pending: Vec<Change>,
}

enum Change {
    Written { offset: usize, bytes: Vec<u8> },
    Cut { size: usize },
}

impl Disk {
    pub fn new(certain: Vec<u8>) -> Disk {
        Disk { certain, pending: Vec::new() }
    }

    /// Notes what a system call does to the file; true when it ended a sync.
    ///
    /// # Panics
    /// At a call that this model does not know, or one that failed.
    pub fn note(&mut self, call: &Moment) -> bool {
        match (call.name.as_str(), call.result) {
            ("pwrite64", None) => {
                let (offset, bytes) = (call.number_from_end(0) as usize, call.bytes());
                assert_eq!(bytes.len() as u64, call.number_from_end(1), "the trace holds every byte");
                self.pending.push(Change::Written { offset, bytes });
                false
            }
            ("ftruncate", None) => {
                self.pending.push(Change::Cut { size: call.number_from_end(0) as usize });
                false
            }
            ("pwrite64", Some(1..)) | ("ftruncate", Some(0)) | ("fsync" | "fdatasync", None) => false,
            ("fsync" | "fdatasync", Some(0)) => true,
            (name, result) => panic!("{name} on {} ended with {result:?}", call.file()),
        }
    }

    /// What was written becomes certain.
    pub fn sync(&mut self) {
        for change in std::mem::take(&mut self.pending) {
            change.apply(&mut self.certain, &mut || true);
        }
    }

    /// The file after a power loss now, when `arrived` says of each sector written since the last sync whether it did.
    pub fn after_power_loss(&self, arrived: &mut impl FnMut() -> bool) -> Vec<u8> {
        let mut file = self.certain.clone();
        self.pending.iter().for_each(|change| change.apply(&mut file, arrived));
        file
    }
}

impl Change {
    fn apply(&self, file: &mut Vec<u8>, arrived: &mut impl FnMut() -> bool) {
        match self {
            Change::Cut { size } if arrived() => file.resize(*size, 0),
            Change::Cut { .. } => {}
            Change::Written { offset, bytes } => {
                let mut done = 0;
                while done < bytes.len() {
                    let begin = offset + done;
                    let length = (SECTOR - begin % SECTOR).min(bytes.len() - done);
                    if arrived() {
                        file.resize(file.len().max(begin + length), 0);
                        file[begin..begin + length].copy_from_slice(&bytes[done..done + length]);
                    }
                    done += length;
                }
            }
        }
    }
}
