//! Distributions as JEMSS writes them: `Exponential(1/280)`, `Normal(50/60/60/24, 0)`.

use rand_distr::{Distribution, Exp, Gamma, LogNormal, Normal, Weibull};
use rand_pcg::Pcg64Mcg;

use crate::chance::{pick, share};

/// A distribution of one number.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Draw {
    Constant(f64),
    Exponential(Exp<f64>),
    Normal(Normal<f64>),
    LogNormal(LogNormal<f64>),
    Gamma(Gamma<f64>),
    Weibull(Weibull<f64>),
    Uniform {
        low: f64,
        high: f64,
    },
    /// 1 with this chance, else 0.
    Bernoulli(f64),
    /// 1, 2, 3 ... with these weights.
    Categorical(Vec<f64>),
}

/// What is understood, for messages.
pub(crate) const KNOWN: &str = "a distribution as Exponential(mean), Normal(mean, sd), \
LogNormal(mu, sigma), Gamma(shape, scale), Weibull(shape, scale), Uniform(low, high), \
Bernoulli(chance), Categorical([weights]) or a number";

impl Draw {
    /// Reads a distribution; parameters may be sums, products and quotients of numbers.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let Some((name, inner)) = text.split_once('(').filter(|(name, _)| is_word(name)) else {
            return number(&text).map(Self::Constant);
        };
        let inner = inner.strip_suffix(')')?;
        let list = inner.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
        let values: Vec<f64> =
            list.unwrap_or(inner).split(',').map(number).collect::<Option<_>>()?;
        Self::of(name, &values)
    }

    fn of(name: &str, values: &[f64]) -> Option<Self> {
        let share = |chance: &f64| (0.0..=1.0).contains(chance);
        match (name, values) {
            ("Exponential", &[mean]) if mean > 0.0 => {
                Exp::new(1.0 / mean).ok().map(Self::Exponential)
            }
            ("Normal", &[mean, 0.0]) => Some(Self::Constant(mean)),
            ("Normal", &[mean, sd]) if sd > 0.0 => Normal::new(mean, sd).ok().map(Self::Normal),
            ("LogNormal", &[mu, sigma]) => LogNormal::new(mu, sigma).ok().map(Self::LogNormal),
            ("Gamma", &[shape, scale]) => Gamma::new(shape, scale).ok().map(Self::Gamma),
            ("Weibull", &[shape, scale]) => Weibull::new(scale, shape).ok().map(Self::Weibull),
            ("Uniform", &[low, high]) if low <= high => Some(Self::Uniform { low, high }),
            ("Bernoulli", &[chance]) if share(&chance) => Some(Self::Bernoulli(chance)),
            ("Categorical", weights)
                if weights.iter().all(share) && weights.iter().sum::<f64>() > 0.0 =>
            {
                Some(Self::Categorical(weights.to_vec()))
            }
            _ => None,
        }
    }

    /// Whether it ever draws more than nothing.
    pub(crate) fn is_ever_positive(&self) -> bool {
        match self {
            Self::Constant(most) | Self::Uniform { high: most, .. } | Self::Bernoulli(most) => {
                *most > 0.0
            }
            _ => true,
        }
    }

    pub(crate) fn draw(&self, rng: &mut Pcg64Mcg) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Exponential(law) => law.sample(rng),
            Self::Normal(law) => law.sample(rng),
            Self::LogNormal(law) => law.sample(rng),
            Self::Gamma(law) => law.sample(rng),
            Self::Weibull(law) => law.sample(rng),
            Self::Uniform { low, high } => low + (high - low) * share(rng),
            Self::Bernoulli(chance) => f64::from(u8::from(share(rng) < *chance)),
            Self::Categorical(weights) => {
                let idx = pick(share(rng), weights.iter().copied());
                idx.and_then(|idx| u32::try_from(idx).ok()).map_or(0.0, |idx| f64::from(idx) + 1.0)
            }
        }
    }
}

fn is_word(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic())
}

/// The value of `1/(18.8*24)`: `+ - * /` and brackets over numbers.
pub(crate) fn number(text: &str) -> Option<f64> {
    let mut rest = text;
    let value = sum(&mut rest, 0)?;
    (rest.is_empty() && value.is_finite()).then_some(value)
}

/// Brackets within brackets, at most: deeper ones are nonsense.
const DEPTH_MAX: u32 = 16;

fn sum(rest: &mut &str, depth: u32) -> Option<f64> {
    let mut value = product(rest, depth)?;
    while let Some(sign) = next_of(rest, &['+', '-']) {
        let term = product(rest, depth)?;
        value += if sign == '+' { term } else { -term };
    }
    Some(value)
}

fn product(rest: &mut &str, depth: u32) -> Option<f64> {
    let mut value = factor(rest, depth)?;
    while let Some(sign) = next_of(rest, &['*', '/']) {
        let by = factor(rest, depth)?;
        value = if sign == '*' { value * by } else { value / by };
    }
    Some(value)
}

fn factor(rest: &mut &str, depth: u32) -> Option<f64> {
    skip_space(rest);
    if let Some(inner) = rest.strip_prefix('(').filter(|_| depth < DEPTH_MAX) {
        *rest = inner;
        let value = sum(rest, depth + 1)?;
        skip_space(rest);
        *rest = rest.strip_prefix(')')?;
        return Some(value);
    }
    let sign = if next_of(rest, &['-']).is_some() { -1.0 } else { 1.0 };
    let end = literal_end(rest);
    let (literal, after) = rest.split_at(end);
    *rest = after;
    literal.parse::<f64>().ok().map(|value| sign * value)
}

/// Where a number ends: digits and a point, then perhaps `e-6`.
fn literal_end(text: &str) -> usize {
    let digits = |from: usize| {
        let is_digit = |c: char| c.is_ascii_digit() || c == '.';
        text[from..].find(|c| !is_digit(c)).map_or(text.len(), |at| from + at)
    };
    let end = digits(0);
    let Some(exponent) = text[end..].strip_prefix(['e', 'E']) else { return end };
    let signed = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    digits(text.len() - signed.len())
}

fn next_of(rest: &mut &str, signs: &[char]) -> Option<char> {
    skip_space(rest);
    let sign = rest.chars().next().filter(|c| signs.contains(c))?;
    *rest = &rest[1..];
    Some(sign)
}

fn skip_space(rest: &mut &str) {
    *rest = rest.trim_start();
}

#[cfg(test)]
mod tests {
    use crate::chance::{Purpose, stream};

    use super::*;

    #[test]
    fn numbers_may_be_worked_out() {
        for (text, value) in [
            ("1/(18.8*24)", Some(1.0 / (18.8 * 24.0))),
            ("50/60/60/24", Some(50.0 / 60.0 / 60.0 / 24.0)),
            ("1 + 250 + 0.1", Some(251.1)),
            ("2-3*-1e-1", Some(2.3)),
            ("", None),
            ("1/0", None),
            ("1)", None),
            ("(1", None),
            ("é", None),
            ("nan", None),
        ] {
            assert_eq!(number(text), value, "{text}");
        }
        assert_eq!(number(&"(".repeat(1000)), None);
    }

    #[test]
    fn draws_have_the_mean_that_they_name() {
        let mut rng = stream(5, Purpose::Call, 0);
        for (text, mean) in [
            ("Exponential(12/60/24)", 12.0 / 60.0 / 24.0),
            ("Normal(2.5/60/24, 0)", 2.5 / 60.0 / 24.0),
            ("Normal(4, 1)", 4.0),
            ("Bernoulli(0.8)", 0.8),
            ("Categorical([0.42, 0, 0.58])", 0.42 + 3.0 * 0.58),
            ("Gamma(2, 3)", 6.0),
            ("Uniform(1,2)", 1.5),
            ("0.25", 0.25),
        ] {
            let draw = Draw::parse(text).unwrap();
            let n = 40_000;
            let drawn = (0..n).map(|_| draw.draw(&mut rng)).sum::<f64>() / f64::from(n);
            assert!((drawn / mean - 1.0).abs() < 0.03, "{text}: {drawn} for {mean}");
        }
    }

    #[test]
    fn what_is_no_distribution_is_none() {
        for text in ["Exponential()", "Exponential(-1)", "Bernoulli(2)", "Poisson(3", "Zipf(1)", ""]
        {
            assert_eq!(Draw::parse(text), None, "{text}");
        }
    }
}
