//! Graphs as the research community passes them on: text, one arc a line.
//!
//! Two forms are read. The 9th DIMACS implementation challenge (2006, "Shortest paths", format
//! page): `p sp NODES ARCS`, then `a TAIL HEAD WEIGHT`; its coordinates are a second file, `p aux
//! sp co NODES`, then `v NODE X Y`. PACE (treewidth tracks since 2016): `p tw NODES EDGES`, then
//! `A B`, without weights: edge line `i`, from 0, gets the weight `1 + splitmix64(i) mod 100000`
//! in both directions. Nodes are numbered from 1; lines that start with `c` are comments.

use std::str::SplitAsciiWhitespace;

use crate::metric::FAR;

/// The most nodes that a graph file may announce: twice those of all Europe's roads.
pub const N_NODES_MAX: u32 = 1 << 26;

/// A graph and its weights as a file lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedGraph {
    /// How many nodes there are; they are numbered from 0.
    pub n_nodes: u32,
    /// Tail and head of each arc, sorted by tail, in the file's order for one tail.
    pub arcs: Vec<[u32; 2]>,
    /// The weight of each arc, below [`FAR`].
    pub weights: Vec<u32>,
}

/// Text that is no graph, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListingError {
    /// A line that means nothing, or not here.
    #[error(
        "line {line}: \"{text}\" is not {expected}: check that the file is whole and of this format"
    )]
    Line {
        /// From 1.
        line: usize,
        /// What it says, cut after some characters.
        text: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// No line says how large the graph is.
    #[error("the file has no line \"p {kind} ...\" with its size: is it a graph in this format?")]
    NoSize {
        /// What follows the `p`.
        kind: &'static str,
    },
    /// A graph beyond what is read.
    #[error("line {line}: {found} nodes are outside 1..={N_NODES_MAX}: cut the graph")]
    NodeCount {
        /// From 1.
        line: usize,
        /// What the file announces.
        found: u64,
    },
    /// A node that the graph does not have.
    #[error("line {line}: node {found} is outside 1..={n_nodes}: check the file's size line")]
    Node {
        /// From 1.
        line: usize,
        /// The node named.
        found: u64,
        /// How many the file announces.
        n_nodes: u32,
    },
    /// A weight that cannot be summed.
    #[error("line {line}: weight {found} is above {max}: give coarser weights", max = FAR - 1)]
    Weight {
        /// From 1.
        line: usize,
        /// The weight.
        found: u64,
    },
    /// Not as many as the file announces.
    #[error("the file announces {expected} {what} and has {found}: it may be cut short")]
    Count {
        /// Of what.
        what: &'static str,
        /// As announced.
        expected: u64,
        /// As read.
        found: u64,
    },
}

impl ListedGraph {
    /// Reads the text of a graph, in either form.
    ///
    /// Costs about the length of the text; memory grows with the lines that are there, not with
    /// what they announce.
    pub fn parse(text: &str) -> Result<Self, ListingError> {
        let mut size = None;
        let mut listed = Vec::new();
        let mut n_lines = 0u64;
        for line in lines(text) {
            let Some(Size { n_nodes, is_weighted, .. }) = size else {
                size = Some(line.size()?);
                continue;
            };
            if is_weighted {
                listed.push(line.arc(n_nodes)?);
            } else {
                let ([a, b], weight) = (line.edge(n_nodes)?, made_up_weight(n_lines));
                listed.extend([([a, b], weight), ([b, a], weight)]);
            }
            n_lines += 1;
        }
        let size = size.ok_or(ListingError::NoSize { kind: "sp" })?;
        if n_lines != size.n_lines {
            let what = if size.is_weighted { "arcs" } else { "edges" };
            return Err(ListingError::Count { what, expected: size.n_lines, found: n_lines });
        }
        listed.sort_by_key(|&([tail, _], _)| tail);
        let (arcs, weights) = listed.into_iter().unzip();
        Ok(Self { n_nodes: size.n_nodes, arcs, weights })
    }

    /// Reads the text of a coordinate file: the place of each node, in the file's own scale.
    pub fn parse_coordinates(&self, text: &str) -> Result<Vec<[f64; 2]>, ListingError> {
        let mut is_announced = false;
        let mut places = vec![None; self.n_nodes as usize];
        for line in lines(text) {
            if is_announced {
                let (node, place) = line.place(self.n_nodes)?;
                places[node as usize] = Some(place);
            } else {
                line.coordinates_follow()?;
                is_announced = true;
            }
        }
        if !is_announced {
            return Err(ListingError::NoSize { kind: "aux sp co" });
        }
        let found = places.iter().flatten().count() as u64;
        let expected = u64::from(self.n_nodes);
        let all: Option<Vec<[f64; 2]>> = places.into_iter().collect();
        all.ok_or(ListingError::Count { what: "places of nodes", expected, found })
    }
}

/// Numbers that look random and are the same in every run (Steele, Lea, Flood, "Fast splittable
/// pseudorandom number generators", OOPSLA 2014).
pub fn splitmix64(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn made_up_weight(edge: u64) -> u32 {
    u32::try_from(1 + splitmix64(edge) % 100_000).expect("at most 100,000")
}

/// What a size line says.
struct Size {
    n_nodes: u32,
    n_lines: u64,
    is_weighted: bool,
}

/// A line that is neither empty nor a comment.
#[derive(Clone, Copy)]
struct Line<'a> {
    /// From 1.
    number: usize,
    text: &'a str,
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let numbered = text.lines().zip(1..).map(|(text, number)| Line { number, text });
    numbered.filter(|line| !matches!(line.text.split_ascii_whitespace().next(), None | Some("c")))
}

impl Line<'_> {
    fn words(&self) -> SplitAsciiWhitespace<'_> {
        self.text.split_ascii_whitespace()
    }

    /// The numbers after some words, if the line is just these.
    fn numbers<const N: usize>(&self, words: &[&str]) -> Option<[u64; N]> {
        let mut rest = self.words();
        if words.iter().any(|&word| rest.next() != Some(word)) {
            return None;
        }
        let mut numbers = [0; N];
        for number in &mut numbers {
            *number = rest.next()?.parse().ok()?;
        }
        rest.next().is_none().then_some(numbers)
    }

    fn is_not(&self, expected: &'static str) -> ListingError {
        let text = self.text.chars().take(40).collect();
        ListingError::Line { line: self.number, text, expected }
    }

    fn size(&self) -> Result<Size, ListingError> {
        let weighted = self.numbers(&["p", "sp"]).map(|size| (size, true));
        let size = weighted.or_else(|| self.numbers(&["p", "tw"]).map(|size| (size, false)));
        let Some(([n_nodes, n_lines], is_weighted)) = size else {
            return Err(self.is_not("\"p sp NODES ARCS\" or \"p tw NODES EDGES\""));
        };
        let is_right = (1..=u64::from(N_NODES_MAX)).contains(&n_nodes);
        match u32::try_from(n_nodes) {
            Ok(n_nodes) if is_right => Ok(Size { n_nodes, n_lines, is_weighted }),
            _ => Err(ListingError::NodeCount { line: self.number, found: n_nodes }),
        }
    }

    fn arc(&self, n_nodes: u32) -> Result<([u32; 2], u32), ListingError> {
        let Some([tail, head, found]) = self.numbers(&["a"]) else {
            return Err(self.is_not("\"a TAIL HEAD WEIGHT\" in whole numbers"));
        };
        let ends = [self.node(tail, n_nodes)?, self.node(head, n_nodes)?];
        match u32::try_from(found) {
            Ok(weight) if weight < FAR => Ok((ends, weight)),
            _ => Err(ListingError::Weight { line: self.number, found }),
        }
    }

    fn edge(&self, n_nodes: u32) -> Result<[u32; 2], ListingError> {
        let Some([a, b]) = self.numbers(&[]) else {
            return Err(self.is_not("an edge \"A B\""));
        };
        Ok([self.node(a, n_nodes)?, self.node(b, n_nodes)?])
    }

    /// The number from 0 of a node numbered from 1.
    fn node(&self, found: u64, n_nodes: u32) -> Result<u32, ListingError> {
        let node = found.checked_sub(1).and_then(|node| u32::try_from(node).ok());
        node.filter(|&node| node < n_nodes).ok_or(ListingError::Node {
            line: self.number,
            found,
            n_nodes,
        })
    }

    fn coordinates_follow(&self) -> Result<(), ListingError> {
        let size: Option<[u64; 1]> = self.numbers(&["p", "aux", "sp", "co"]);
        size.map(|_| ()).ok_or_else(|| self.is_not("\"p aux sp co NODES\""))
    }

    fn place(&self, n_nodes: u32) -> Result<(u32, [f64; 2]), ListingError> {
        let words: Vec<&str> = self.words().collect();
        let ["v", node, x, y] = words[..] else { return Err(self.is_not("\"v NODE X Y\"")) };
        let place = (node.parse(), x.parse::<i32>(), y.parse::<i32>());
        let (Ok(node), Ok(x), Ok(y)) = place else { return Err(self.is_not("\"v NODE X Y\"")) };
        Ok((self.node(node, n_nodes)?, [x.into(), y.into()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let graph = ListedGraph::parse("c Malta\np sp 3 2\na 3 1 7\r\na 1 2 5\n").unwrap();
        assert_eq!((graph.arcs, graph.weights), (vec![[0, 1], [2, 0]], vec![5, 7]));
        let graph = ListedGraph::parse("p tw 3 2\n1 2\n\n2 3\n").unwrap();
        assert_eq!(graph.arcs, [[0, 1], [1, 0], [1, 2], [2, 1]]);
        assert_eq!(graph.weights, [7_536, 7_536, 22_466, 22_466]);
    }

    #[test]
    fn coordinates_are_read_for_each_node() {
        let graph = ListedGraph::parse("p sp 2 0\n").unwrap();
        let places = graph.parse_coordinates("p aux sp co 2\nv 2 -5 6\nv 1 7 8\n");
        assert_eq!(places.unwrap(), [[7.0, 8.0], [-5.0, 6.0]]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, error) in [
            ("", "the file has no line \"p sp ...\" with its size: is it a graph in this format?"),
            (
                "a 1 2 3\n",
                "line 1: \"a 1 2 3\" is not \"p sp NODES ARCS\" or \"p tw NODES EDGES\": check that the file is whole and of this format",
            ),
            ("c x\np sp 0 0\n", "line 2: 0 nodes are outside 1..=67108864: cut the graph"),
            (
                "p sp 99999999999 0\n",
                "line 1: 99999999999 nodes are outside 1..=67108864: cut the graph",
            ),
            ("p sp 2 1\na 1 3 4\n", "line 2: node 3 is outside 1..=2: check the file's size line"),
            ("p sp 2 1\na 0 1 4\n", "line 2: node 0 is outside 1..=2: check the file's size line"),
            (
                "p sp 2 1\na 1 2 1073741823\n",
                "line 2: weight 1073741823 is above 1073741822: give coarser weights",
            ),
            (
                "p sp 2 1\na 1 2 -4\n",
                "line 2: \"a 1 2 -4\" is not \"a TAIL HEAD WEIGHT\" in whole numbers: check that the file is whole and of this format",
            ),
            (
                "p tw 2 1\n1\n",
                "line 2: \"1\" is not an edge \"A B\": check that the file is whole and of this format",
            ),
            ("p sp 2 3\na 1 2 4\n", "the file announces 3 arcs and has 1: it may be cut short"),
        ] {
            assert_eq!(ListedGraph::parse(text).unwrap_err().to_string(), error, "{text:?}");
        }
        let graph = ListedGraph::parse("p sp 2 0\n").unwrap();
        for (text, error) in [
            (
                "",
                "the file has no line \"p aux sp co ...\" with its size: is it a graph in this format?",
            ),
            (
                "p aux sp co 2\nv 1 0.5 0\n",
                "line 2: \"v 1 0.5 0\" is not \"v NODE X Y\": check that the file is whole and of this format",
            ),
            (
                "p aux sp co 2\nv 1 5 0\n",
                "the file announces 2 places of nodes and has 1: it may be cut short",
            ),
        ] {
            let found = graph.parse_coordinates(text).unwrap_err().to_string();
            assert_eq!(found, error, "{text:?}");
        }
    }
}
