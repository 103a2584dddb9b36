//! Contraction: the arcs that keep distances when lower nodes are left out.

use crate::groups::Groups;
use crate::hierarchy::NONE;

/// All arcs after contraction, up and down.
///
/// Leaving out `x` joins each `u -> x` to each `x -> w`. Where the least common neighbour `p` of
/// both lists is known, it stands for all above it, since it inherits both lists of `x`.
pub(crate) fn contract(own_up: &Groups<u32>, own_down: &Groups<u32>) -> [Groups<u32>; 2] {
    let n = own_up.n_groups();
    let mut grown = [Groups::default(), Groups::default()];
    // By node and slope: lower nodes whose lists it inherits.
    let mut givers = [vec![Vec::new(); n as usize], vec![Vec::new(); n as usize]];
    let mut gather = Gather { seen_by: vec![NONE; n as usize], list: Vec::new() };
    for x in 0..n {
        for (slope, own) in [own_up, own_down].into_iter().enumerate() {
            let from = std::mem::take(&mut givers[slope][x as usize]);
            let list = gather.union(x, own.of(x), from.iter().map(|&v| grown[slope].of(v)));
            grown[slope].push(list.iter().copied());
        }
        let [up, down] = [grown[0].of(x), grown[1].of(x)];
        let shared = least_common(up, down).unwrap_or(NONE);
        for &u in down.iter().take_while(|&&u| u <= shared) {
            givers[0][u as usize].push(x);
        }
        for &w in up.iter().take_while(|&&w| w <= shared) {
            givers[1][w as usize].push(x);
        }
    }
    grown.iter_mut().for_each(Groups::shrink);
    grown
}

/// Makes sorted sets of ranks.
struct Gather {
    seen_by: Vec<u32>,
    list: Vec<u32>,
}

impl Gather {
    /// The ranks above `x` that are in any list.
    fn union<'a>(
        &mut self,
        x: u32,
        own: &'a [u32],
        inherited: impl Iterator<Item = &'a [u32]>,
    ) -> &[u32] {
        // Both ways of one node share the table, so each clears what it marked.
        self.list.clear();
        for &end in [own].into_iter().chain(inherited).flatten() {
            if end > x && self.seen_by[end as usize] != x {
                self.seen_by[end as usize] = x;
                self.list.push(end);
            }
        }
        for &end in &self.list {
            self.seen_by[end as usize] = NONE;
        }
        self.list.sort_unstable();
        &self.list
    }
}

fn least_common(a: &[u32], b: &[u32]) -> Option<u32> {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    loop {
        let (&&x, &&y) = (a.peek()?, b.peek()?);
        match x.cmp(&y) {
            std::cmp::Ordering::Less => a.next(),
            std::cmp::Ordering::Greater => b.next(),
            std::cmp::Ordering::Equal => return Some(x),
        };
    }
}
