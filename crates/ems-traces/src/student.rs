//! Student's t distribution.

/// ln Γ(x) for x > 0: Lanczos' series with g = 7 and nine terms.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let terms = (0u8..).zip(&TERMS[1..]).map(|(i, term)| term / (x + f64::from(i) + 1.0));
    let t = x + 7.5;
    let root = (std::f64::consts::TAU.sqrt() * (TERMS[0] + terms.sum::<f64>())).ln();
    root + (x + 0.5) * t.ln() - t
}

/// ln of the density at `t` with `dof` degrees of freedom.
pub(crate) fn ln_density(t: f64, dof: f64) -> f64 {
    let scale = ln_gamma(f64::midpoint(dof, 1.0)) - ln_gamma(dof / 2.0);
    scale
        - (dof * std::f64::consts::PI).ln() / 2.0
        - f64::midpoint(dof, 1.0) * (t * t / dof).ln_1p()
}

/// The share of the distribution below `t`.
pub(crate) fn below(t: f64, dof: f64) -> f64 {
    let tail = incomplete_beta(dof / (dof + t * t), dof / 2.0, 0.5) / 2.0;
    if t > 0.0 { 1.0 - tail } else { tail }
}

/// Where a share (0..1, both left out) of the distribution is below.
pub(crate) fn quantile(share: f64, dof: f64) -> f64 {
    let (mut low, mut high) = (-1.0, 1.0);
    while below(low, dof) > share && low > -1e12 {
        low *= 2.0;
    }
    while below(high, dof) < share && high < 1e12 {
        high *= 2.0;
    }
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if below(middle, dof) < share { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The regularised incomplete beta function `I_x(a, b)`.
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let front = a * x.ln() + b * (-x).ln_1p() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
    if x < (a + 1.0) / (a + b + 2.0) {
        front.exp() * beta_fraction(x, a, b) / a
    } else {
        1.0 - front.exp() * beta_fraction(1.0 - x, b, a) / b
    }
}

/// Its continued fraction (DLMF 8.17.22), by the method of Lentz.
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    let away_from_zero = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let (mut upper, mut lower) = (1.0, 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0)));
    let mut value = lower;
    for m in (1u16..300).map(f64::from) {
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = value;
        for term in [even, odd] {
            lower = 1.0 / away_from_zero(1.0 + term * lower);
            upper = away_from_zero(1.0 + term / upper);
            value *= upper * lower;
        }
        if (value / before - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_printed_tables() {
        for (share, dof, want) in [
            (0.975, 1.0, 12.7062),
            (0.9, 3.0, 1.6377),
            (0.975, 5.0, 2.5706),
            (0.995, 10.0, 3.1693),
            (0.95, 30.0, 1.6973),
            (0.5, 4.0, 0.0),
            (0.025, 5.0, -2.5706),
        ] {
            let found = quantile(share, dof);
            assert!((found - want).abs() < 1e-4, "{share} with {dof}: {found}, not {want}");
        }
    }

    #[test]
    fn the_density_is_the_slope_of_the_share_below() {
        for (t, dof) in [(0.0, 3.0), (1.5, 3.0), (-2.0, 8.0), (0.3, 60.0)] {
            let slope = (below(t + 1e-5, dof) - below(t - 1e-5, dof)) / 2e-5;
            assert!((slope - ln_density(t, dof).exp()).abs() < 1e-6, "{t} with {dof}: {slope}");
        }
    }
}
