//! A search that is slow and obvious.

use ems_hierarchy::FAR;

/// The least weight from one node to each, by trying every arc until nothing improves.
pub(crate) fn distances_from(
    n_nodes: u32,
    arcs: &[[u32; 2]],
    weights: &[u32],
    from: u32,
) -> Vec<u32> {
    let mut least = vec![FAR; n_nodes as usize];
    least[from as usize] = 0;
    loop {
        let before = least.clone();
        for (&[tail, head], &weight) in arcs.iter().zip(weights) {
            let sum = least[tail as usize] + weight.min(FAR);
            least[head as usize] = least[head as usize].min(sum);
        }
        if least == before {
            return least;
        }
    }
}
