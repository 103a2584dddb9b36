//! Gradient-boosted oblivious trees: the same question at all nodes of a level.
//!
//! The shape is that of `CatBoost` (L. Prokhorenkova et al. 2018; unverified). `bench/ecg` learns
//! them.

use std::fmt::Write as _;

/// Questions a tree asks.
pub const DEPTH: usize = 6;
/// Answers a tree has.
pub const LEAVES: usize = 1 << DEPTH;

/// There are at most so many features.
const FEATURES_MAX: usize = 64;

/// One tree: bit `level` of the leaf's index is set where its feature is above its threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tree {
    /// The feature asked at each level.
    pub features: [u8; DEPTH],
    /// What it must exceed.
    pub thresholds: [f32; DEPTH],
    /// The answer of each leaf.
    pub leaves: [f32; LEAVES],
}

/// A sum of trees over `N` features.
#[derive(Debug, Clone, PartialEq)]
pub struct Trees<const N: usize> {
    bias: f32,
    trees: Vec<Tree>,
}

/// A file of trees that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the trees is not {wanted}: write the file anew with bench/ecg's train")]
pub struct TreesError {
    /// The line, counted from 1.
    pub line: usize,
    /// What should stand there.
    pub wanted: &'static str,
}

const TITLE: &str = "oblivious trees, depth 6";

impl<const N: usize> Trees<N> {
    /// Makes a sum of trees; features beyond `N` count as missing.
    pub fn new(bias: f32, trees: Vec<Tree>) -> Self {
        Self { bias, trees }
    }

    /// The same trees, each sum higher by so much.
    #[must_use]
    pub fn raised(self, by: f32) -> Self {
        Self { bias: self.bias + by, ..self }
    }

    /// Sums the answers; a missing feature (NaN) is above no threshold. Cost: 6 comparisons a tree.
    pub fn score(&self, features: &[f32; N]) -> f32 {
        let mut all = [f32::NAN; FEATURES_MAX];
        all[..N].copy_from_slice(features);
        self.trees.iter().fold(self.bias, |sum, tree| sum + tree.answer(&all))
    }

    /// Reads what [`Self::to_text`] writes.
    pub fn parse(text: &str) -> Result<Self, TreesError> {
        let mut lines = text.lines().enumerate();
        let wanted = |line: usize, wanted| TreesError { line: line + 1, wanted };
        let title = lines.next().is_some_and(|(_, line)| line == TITLE);
        title.then_some(()).ok_or(wanted(0, TITLE))?;
        let bias = lines.next().and_then(|(_, line)| line.parse().ok());
        let bias = bias.ok_or(wanted(1, "a number"))?;
        let tree = |(at, line): (usize, &str)| {
            Tree::parse(line, N).ok_or(wanted(at, "6 features, 6 thresholds and 64 answers"))
        };
        Ok(Self { bias, trees: lines.map(tree).collect::<Result<_, _>>()? })
    }

    /// Writes a title, the bias, and a line a tree: features, thresholds, answers.
    pub fn to_text(&self) -> String {
        let mut text = format!("{TITLE}\n{}\n", self.bias);
        for tree in &self.trees {
            for feature in tree.features {
                let _ = write!(text, "{feature} ");
            }
            let numbers: Vec<_> =
                tree.thresholds.iter().chain(&tree.leaves).map(f32::to_string).collect();
            text.push_str(&numbers.join(" "));
            text.push('\n');
        }
        text
    }
}

impl Tree {
    fn answer(&self, features: &[f32; FEATURES_MAX]) -> f32 {
        let mut leaf = 0;
        for level in 0..DEPTH {
            let value = features[usize::from(self.features[level]) % FEATURES_MAX];
            leaf |= usize::from(value > self.thresholds[level]) << level;
        }
        self.leaves[leaf]
    }

    fn parse(line: &str, n_features: usize) -> Option<Self> {
        let mut words = line.split(' ');
        let mut features = [0; DEPTH];
        for feature in &mut features {
            *feature = words.next()?.parse().ok()?;
            (usize::from(*feature) < n_features).then_some(())?;
        }
        let mut numbers = words.map(|word| word.parse::<f32>().ok().filter(|it| it.is_finite()));
        let mut number = || numbers.next().flatten();
        let (mut thresholds, mut leaves) = ([0.0; DEPTH], [0.0; LEAVES]);
        for value in thresholds.iter_mut().chain(&mut leaves) {
            *value = number()?;
        }
        numbers.next().is_none().then_some(Self { features, thresholds, leaves })
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, clippy::cast_precision_loss, reason = "eighths are exact")]
mod tests {
    use super::*;

    #[test]
    fn trees_answer_by_their_bits_and_survive_their_file() {
        let leaves = std::array::from_fn(|leaf| leaf as f32 / 8.0);
        let thresholds = [0.5, 1.5, 2.5, 3.5, 4.5, 5.5];
        let tree = Tree { features: [0, 1, 2, 0, 1, 2], thresholds, leaves };
        let trees = Trees::<3>::new(1.0, vec![tree, tree]);
        for (features, leaf) in
            [([0.0, 0.0, 0.0], 0), ([1.0, 9.0, f32::NAN], 0b10011), ([9.0, 9.0, 9.0], 63)]
        {
            assert_eq!(trees.score(&features), 1.0 + leaf as f32 / 4.0, "{features:?}");
        }
        assert_eq!(Trees::parse(&trees.to_text()), Ok(trees.clone()));
        assert!(Trees::<2>::parse(&trees.to_text()).is_err_and(|error| error.line == 3));
        assert!(Trees::<3>::parse("").is_err());
    }
}
