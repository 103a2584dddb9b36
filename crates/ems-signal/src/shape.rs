//! The usual shape of a pulse, and how much another is like it.

/// Points at which shapes are compared.
const N_POINTS: usize = 32;
/// A like pulse changes the usual shape by this share.
const FOLLOW: f64 = 0.125;
/// A pulse less like it than this does not change it, unless nothing has been like it for long.
const LIKE: f64 = 0.8;
/// After so many unlike pulses the usual shape is learnt anew.
const UNLIKE_MAX: u32 = 8;

/// What pulses usually look like.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shape {
    usual: Option<[f64; N_POINTS]>,
    n_unlike: u32,
}

impl Shape {
    /// How much a piece is like the usual shape, -1..=1; the first is like itself. Learns from it.
    pub(crate) fn compare(&mut self, piece: &[f64]) -> f64 {
        let Some(piece) = normal(piece) else { return 0.0 };
        let usual = *self.usual.get_or_insert(piece);
        let likeness: f64 = usual.iter().zip(piece).map(|(a, b)| a * b).sum();
        let norm: f64 = usual.iter().map(|it| it * it).sum::<f64>().sqrt();
        let likeness = if norm > 0.0 { likeness / norm } else { 0.0 };
        self.learn(usual, piece, likeness);
        likeness
    }

    fn learn(&mut self, usual: [f64; N_POINTS], piece: [f64; N_POINTS], likeness: f64) {
        if likeness < LIKE {
            self.n_unlike += 1;
            if self.n_unlike >= UNLIKE_MAX {
                *self = Self { usual: Some(piece), n_unlike: 0 };
            }
            return;
        }
        self.n_unlike = 0;
        let mut moved = usual;
        moved.iter_mut().zip(piece).for_each(|(a, b)| *a += FOLLOW * (b - *a));
        self.usual = Some(moved);
    }
}

/// The piece at so many points, its mean 0 and its length 1; `None` where it is flat.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places within a piece"
)]
fn normal(piece: &[f64]) -> Option<[f64; N_POINTS]> {
    let last = piece.len().checked_sub(1)? as f64;
    let mut points = [0.0; N_POINTS];
    for (idx, point) in points.iter_mut().enumerate() {
        let place = last * idx as f64 / (N_POINTS - 1) as f64;
        let (low, share) = (place.floor() as usize, place.fract());
        let next = piece[(low + 1).min(piece.len() - 1)];
        *point = piece[low] + share * (next - piece[low]);
    }
    let mean = points.iter().sum::<f64>() / N_POINTS as f64;
    for point in &mut points {
        *point -= mean;
    }
    let len = points.iter().map(|point| point * point).sum::<f64>().sqrt();
    (len.is_finite() && len > 0.0).then(|| points.map(|point| point / len))
}
