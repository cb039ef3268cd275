//! The Merkle tree of RFC 6962: hashes, an incremental frontier, proofs of inclusion and of consistency, and their checks.
//!
//! Pure: whoever makes a proof hands in a way to read the hashes of complete subtrees.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The hash of a leaf, SHA-256(0x00 ‖ bytes) (RFC 6962, 2.1).
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
}

/// The hash of an inner node, SHA-256(0x01 ‖ left ‖ right) (RFC 6962, 2.1).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    Sha256::digest(bytes).into()
}

/// The root of the tree without leaves: the hash of nothing.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// A complete subtree that an append has just closed: `position` counts the subtrees of its `level` from the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    pub level: u32,
    pub position: u64,
    pub hash: Hash,
}

/// The right edge of a growing tree: the complete subtrees that make it up, the largest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// Puts a stored frontier together again; `None` if the hashes cannot belong to a tree of this size.
    pub fn restore(size: u64, peaks: Vec<Hash>) -> Option<Frontier> {
        (size.count_ones() as usize == peaks.len()).then_some(Frontier { size, peaks })
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hashes of the complete subtrees, the largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds a leaf by its hash and reports every complete subtree that it closes, from the smallest.
    pub fn append(&mut self, leaf: Hash, mut closed: impl FnMut(Closed)) {
        let (mut hash, mut level) = (leaf, 0);
        while self.size >> level & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            level += 1;
            closed(Closed { level, position: self.size >> level, hash });
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root of the tree as it stands.
    pub fn root(&self) -> Hash {
        let joined = self.peaks.iter().rev().copied().reduce(|right, left| node_hash(&left, &right));
        joined.unwrap_or_else(empty_root)
    }
}

/// Reads the hashes of complete subtrees: `position` counts the subtrees of 2^`level` leaves from the left.
pub trait Subtrees {
    type Error;

    /// # Errors
    /// When the hash cannot be read.
    fn subtree(&mut self, level: u32, position: u64) -> Result<Hash, Self::Error>;
}

/// The hashes that lead from leaf `index` to the root of the first `size` leaves (RFC 6962, 2.1.1), from the leaf up.
///
/// # Errors
/// When a hash cannot be read. `index` must be less than `size`.
pub fn inclusion<S: Subtrees>(tree: &mut S, index: u64, size: u64) -> Result<Vec<Hash>, S::Error> {
    let (mut path, mut start, mut end) = (Vec::new(), 0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push(range(tree, middle, end)?);
            end = middle;
        } else {
            path.push(range(tree, start, middle)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The hashes that show that the first `old` leaves are a prefix of the first `new` (RFC 6962, 2.1.2).
///
/// # Errors
/// When a hash cannot be read. `old` must not be greater than `new`.
pub fn consistency<S: Subtrees>(tree: &mut S, old: u64, new: u64) -> Result<Vec<Hash>, S::Error> {
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut path, mut start, mut end) = (Vec::new(), 0, new);
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            path.push(range(tree, middle, end)?);
            end = middle;
        } else {
            path.push(range(tree, start, middle)?);
            start = middle;
        }
    }
    if start > 0 {
        path.push(range(tree, start, end)?);
    }
    path.reverse();
    Ok(path)
}

/// The root over the leaves from `start` to before `end`, where `start` is a place at which RFC 6962 splits a tree.
fn range<S: Subtrees>(tree: &mut S, start: u64, end: u64) -> Result<Hash, S::Error> {
    let count = end - start;
    if count.is_power_of_two() {
        let level = count.trailing_zeros();
        return tree.subtree(level, start >> level);
    }
    let middle = start + split(count);
    Ok(node_hash(&range(tree, start, middle)?, &range(tree, middle, end)?))
}

/// The largest power of two less than `count` (at least 2).
fn split(count: u64) -> u64 {
    1 << (63 - (count - 1).leading_zeros())
}

/// Whether `path` leads from the leaf hash at `index` to `root` in a tree of `size` leaves (RFC 9162, 2.1.3.2).
pub fn includes(root: &Hash, size: u64, index: u64, leaf: &Hash, path: &[Hash]) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last, mut hash) = (index, size - 1, *leaf);
    for step in path {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(step, &hash);
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, step);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// A tree at one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub size: u64,
    pub root: Hash,
}

/// Whether `path` shows that the tree of `old` is a prefix of the tree of `new` (RFC 9162, 2.1.4.2).
pub fn consistent(old: &Head, new: &Head, path: &[Hash]) -> bool {
    if old.size == 0 || old.size == new.size {
        return path.is_empty() && (old.size == 0 && old.root == empty_root() || old.root == new.root);
    }
    if old.size > new.size {
        return false;
    }
    let mut steps = path.iter();
    let (mut place, mut last) = (old.size - 1, new.size - 1);
    while place & 1 == 1 {
        (place, last) = (place >> 1, last >> 1);
    }
    // A complete old tree is its own first hash and is left out of the path.
    let first = if old.size.is_power_of_two() { Some(&old.root) } else { steps.next() };
    let Some(first) = first else { return false };
    let (mut old_root, mut new_root) = (*first, *first);
    for step in steps {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            old_root = node_hash(step, &old_root);
            new_root = node_hash(step, &new_root);
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            new_root = node_hash(&new_root, step);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && old_root == old.root && new_root == new.root
}
