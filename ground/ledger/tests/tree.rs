//! The tree is the one of RFC 6962: equal to known answers, and to another implementation on random trees.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof};
use ledger::tree::{
    Frontier, Head, Subtrees, consistency, consistent, empty_root, includes, inclusion, leaf_hash, node_hash,
};
use ledger::{Hash, tree};
use proptest::prelude::*;
use sha2::Sha256;

/// A tree in memory that keeps the hash of every complete subtree, as the frontier reports them.
#[derive(Default)]
struct Tree {
    frontier: Frontier,
    levels: Vec<Vec<Hash>>,
    roots: Vec<Hash>,
}

impl Tree {
    fn of<B: AsRef<[u8]>>(leaves: impl IntoIterator<Item = B>) -> Tree {
        let mut tree = Tree { roots: vec![empty_root()], levels: vec![Vec::new()], ..Tree::default() };
        for leaf in leaves {
            tree.push(leaf_hash(leaf.as_ref()));
        }
        tree
    }

    fn push(&mut self, leaf: Hash) {
        self.levels[0].push(leaf);
        let levels = &mut self.levels;
        self.frontier.append(leaf, |closed| {
            let level = closed.level as usize;
            if levels.len() == level {
                levels.push(Vec::new());
            }
            assert_eq!(levels[level].len() as u64, closed.position, "subtrees close from left to right");
            levels[level].push(closed.hash);
        });
        self.roots.push(self.frontier.root());
    }

    fn head(&self, size: u64) -> Head {
        Head { size, root: self.roots[size as usize] }
    }
}

impl Subtrees for &Tree {
    type Error = Infallible;

    fn subtree(&mut self, level: u32, position: u64) -> Result<Hash, Infallible> {
        Ok(self.levels[level as usize][position as usize])
    }
}

fn hex(text: &str) -> Hash {
    hex::decode(text).unwrap().try_into().unwrap()
}

fn known_tree() -> Tree {
    let leaves =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    Tree::of(leaves.map(|leaf| hex::decode(leaf).unwrap()))
}

/// The answers that every implementation of Certificate Transparency is tested with.
#[test]
fn known_roots() {
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    assert_eq!(known_tree().roots, roots.map(hex));
}

#[test]
fn known_paths() {
    let tree = known_tree();
    let paths = [
        (0, 1, vec![]),
        (
            0,
            8,
            vec![
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            vec![
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
    ];
    for (index, size, path) in paths {
        let Ok(found) = inclusion(&mut &tree, index, size);
        assert_eq!(found, path.into_iter().map(hex).collect::<Vec<_>>(), "leaf {index} of {size}");
    }
    let Ok(found) = consistency(&mut &tree, 6, 8);
    let path = [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(found, path.map(hex));
}

/// Both trees of the same leaves, ours and the other's.
fn both(leaves: &[Vec<u8>]) -> (Tree, MemoryBackedTree<Sha256, Vec<u8>>) {
    let mut other = MemoryBackedTree::new();
    leaves.iter().for_each(|leaf| other.push(leaf.clone()));
    (Tree::of(leaves), other)
}

/// Ours proves the same as the other, byte for byte, and ours accepts it.
fn same_inclusion(ours: &Tree, other: &MemoryBackedTree<Sha256, Vec<u8>>, index: u64) {
    let size = other.len();
    let Ok(path) = inclusion(&mut &*ours, index, size);
    let proof: InclusionProof<Sha256> = other.prove_inclusion(index as usize);
    assert_eq!(path.concat(), proof.as_bytes(), "leaf {index} of {size}");
    let leaf = leaf_hash(other.get(index as usize).unwrap());
    assert!(includes(&ours.head(size).root, size, index, &leaf, &path), "leaf {index} of {size}");
}

fn same_consistency(ours: &Tree, other: &MemoryBackedTree<Sha256, Vec<u8>>, old: u64) {
    let new = other.len();
    let Ok(path) = consistency(&mut &*ours, old, new);
    let proof: ConsistencyProof<Sha256> = other.prove_consistency((new - old) as usize);
    assert_eq!(path.concat(), proof.as_bytes(), "{old} of {new}");
    assert!(consistent(&ours.head(old), &ours.head(new), &path), "{old} of {new}");
}

/// Every size to 300, every leaf and every earlier size in it.
#[test]
fn every_small_tree_is_the_same_as_the_others() {
    let leaves: Vec<Vec<u8>> = (0..300u32).map(|place| place.to_be_bytes().to_vec()).collect();
    let ours = Tree::of(&leaves);
    let mut other = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    for leaf in leaves {
        other.push(leaf);
        let size = other.len();
        assert_eq!(ours.head(size).root.as_slice(), other.root().as_bytes().as_slice());
        (0..size).for_each(|index| same_inclusion(&ours, &other, index));
        (1..size).for_each(|old| same_consistency(&ours, &other, old));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn random_trees_are_the_same_as_the_others(
        leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..5_000),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 40),
    ) {
        let (ours, other) = both(&leaves);
        let (our_root, other_root) = (ours.frontier.root(), other.root());
        prop_assert_eq!(&our_root[..], &other_root.as_bytes()[..]);
        for pick in picks {
            same_inclusion(&ours, &other, pick.index(leaves.len()) as u64);
            if leaves.len() > 1 {
                same_consistency(&ours, &other, 1 + pick.index(leaves.len() - 1) as u64);
            }
        }
    }

    #[test]
    fn a_changed_proof_is_refused(
        size in 2u64..600,
        pick in any::<prop::sample::Index>(),
        step in any::<prop::sample::Index>(),
        byte in 0usize..32,
    ) {
        let tree = Tree::of((0..size).map(u64::to_be_bytes));
        let index = pick.index(size as usize) as u64;
        let (leaf, root) = (tree.levels[0][index as usize], tree.head(size).root);
        let Ok(path) = inclusion(&mut &tree, index, size);
        let mut changed = path.clone();
        changed[step.index(path.len())][byte] ^= 1;
        prop_assert!(!includes(&root, size, index, &leaf, &changed));
        prop_assert!(!includes(&root, size, index, &leaf, &path[1..]));
        prop_assert!(!includes(&root, size, index, &leaf, &[path.as_slice(), &[root]].concat()));
        prop_assert!(!includes(&root, size, size, &leaf, &path));
        prop_assert!(!includes(&root, size, (index + 1) % size, &leaf, &path) || size == 1);
    }

    #[test]
    fn a_changed_history_is_refused(
        new in 3u64..600,
        pick in any::<prop::sample::Index>(),
        step in any::<prop::sample::Index>(),
    ) {
        let tree = Tree::of((0..new).map(u64::to_be_bytes));
        let old = 1 + pick.index(new as usize - 1) as u64;
        let Ok(path) = consistency(&mut &tree, old, new);
        let (before, after) = (tree.head(old), tree.head(new));
        let rewritten = Tree::of((1..=new).map(u64::to_be_bytes)).head(old);
        prop_assert!(!consistent(&rewritten, &after, &path));
        prop_assert!(!consistent(&after, &before, &path));
        let mut changed = path.clone();
        changed[step.index(path.len())][7] ^= 1;
        prop_assert!(!consistent(&before, &after, &changed));
        prop_assert!(!consistent(&before, &after, &path[..path.len() - 1]));
    }
}

#[test]
fn the_smallest_histories() {
    let tree = Tree::of([b"a", b"b"]);
    let empty = Head { size: 0, root: empty_root() };
    assert!(consistent(&empty, &tree.head(2), &[]));
    assert!(consistent(&tree.head(2), &tree.head(2), &[]));
    assert!(!consistent(&Head { size: 2, root: [0; 32] }, &tree.head(2), &[]));
    assert!(!consistent(&Head { size: 0, root: [0; 32] }, &tree.head(2), &[]));
    assert!(!consistent(&tree.head(1), &tree.head(2), &[]));
    assert_eq!(tree.head(2).root, node_hash(&leaf_hash(b"a"), &leaf_hash(b"b")));
}

#[test]
fn a_frontier_is_stored_and_put_together_again() {
    let mut tree = Tree::of((0..77u8).map(|leaf| [leaf]));
    let mut restored = Frontier::restore(77, tree.frontier.peaks().to_vec()).unwrap();
    restored.append(tree::leaf_hash(b"next"), |_| {});
    tree.push(tree::leaf_hash(b"next"));
    assert_eq!(restored, tree.frontier);
    assert_eq!(Frontier::restore(78, tree.frontier.peaks()[1..].to_vec()), None);
}
