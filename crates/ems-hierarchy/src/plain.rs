//! Dijkstra's search: what every faster answer is checked against.

use crate::graph::Graph;
use crate::metric::FAR;
use crate::query::Seed;

/// The least weight from a place to every node; [`FAR`] where there is no way.
///
/// The queue is a radix heap (Ahuja, Mehlhorn, Orlin, Tarjan, "Faster algorithms for the shortest
/// path problem", JACM 37(2), 1990).
///
/// # Panics
/// If there is not one weight for each arc, or a seed is at a node that is not there.
pub fn distances_from(graph: &Graph, weights: &[u32], place: &[Seed]) -> Vec<u32> {
    assert_eq!(weights.len(), graph.n_arcs() as usize, "one weight for each arc of the graph");
    let mut labels = vec![FAR; graph.n_nodes() as usize];
    let mut queue = RadixHeap::default();
    for seed in place {
        let label = &mut labels[seed.node as usize];
        *label = (*label).min(seed.weight);
        queue.push(seed.weight, seed.node);
    }
    while let Some((label, node)) = queue.pop() {
        if label > labels[node as usize] {
            continue;
        }
        for (&head, arc) in graph.heads(node).iter().zip(graph.arcs(node)) {
            let sum = label + weights[arc].min(FAR);
            if sum < labels[head as usize] {
                labels[head as usize] = sum;
                queue.push(sum, head);
            }
        }
    }
    labels
}

/// A queue whose least key never falls: entries by the highest bit in which they differ from it.
#[derive(Debug)]
struct RadixHeap {
    buckets: [Vec<(u32, u32)>; 33],
    least: u32,
}

impl Default for RadixHeap {
    fn default() -> Self {
        Self { buckets: std::array::from_fn(|_| Vec::new()), least: 0 }
    }
}

impl RadixHeap {
    fn bucket(&self, key: u32) -> usize {
        (u32::BITS - (key ^ self.least).leading_zeros()) as usize
    }

    fn push(&mut self, key: u32, node: u32) {
        debug_assert!(key >= self.least);
        let bucket = self.bucket(key);
        self.buckets[bucket].push((key, node));
    }

    fn pop(&mut self) -> Option<(u32, u32)> {
        if self.buckets[0].is_empty() {
            let first = self.buckets.iter().position(|b| !b.is_empty())?;
            let mut moved = std::mem::take(&mut self.buckets[first]);
            self.least = moved.iter().map(|e| e.0).min()?;
            for &(key, node) in &moved {
                let bucket = self.bucket(key);
                self.buckets[bucket].push((key, node));
            }
            moved.clear();
            self.buckets[first] = moved;
        }
        self.buckets[0].pop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_gives_its_entries_in_order_of_their_keys() {
        let mut queue = RadixHeap::default();
        for key in [9, 3, 700, 3, 65_536, 0] {
            queue.push(key, key);
        }
        let mut order: Vec<u32> = Vec::new();
        while let Some((key, _)) = queue.pop() {
            order.push(key);
            if order.len() == 4 {
                queue.push(10, 10);
            }
        }
        assert_eq!(order, [0, 3, 3, 9, 10, 700, 65_536]);
    }
}
