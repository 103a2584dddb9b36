//! Mapbox Vector Tile 2.1, written: <https://github.com/mapbox/vector-tile-spec/tree/master/2.1>.
//!
//! Ours rather than the `mvt` crate: that one brings a protobuf runtime and its own geometry types
//! for what is four messages of varints, and we want equal bytes for equal input.

use std::collections::BTreeMap;

/// Tile units along a side.
pub(crate) const EXTENT: u32 = 4096;

/// A point in tile units; y is downward.
pub(crate) type TilePoint = [i32; 2];

/// The value of a feature's property.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    Text(String),
    Flag(bool),
}

/// A shape in tile units.
#[derive(Debug)]
pub(crate) enum TileShape {
    Point(TilePoint),
    Lines(Vec<Vec<TilePoint>>),
    /// Rings without their closing point, each outer one clockwise and before its holes.
    Polygon(Vec<Vec<TilePoint>>),
}

/// One layer of a tile under construction.
#[derive(Debug, Default)]
pub(crate) struct Layer {
    features: Vec<u8>,
    keys: Vec<&'static str>,
    values: BTreeMap<Value, u32>,
}

impl Layer {
    pub(crate) fn add(&mut self, shape: &TileShape, properties: &[(&'static str, Value)]) {
        let tags: Vec<u32> =
            properties.iter().flat_map(|(k, v)| [self.key(k), self.value(v)]).collect();
        let (kind, geometry) = commands(shape);
        let mut feature = Vec::new();
        put_packed(&mut feature, 2, &tags);
        put_field(&mut feature, 3, kind);
        put_packed(&mut feature, 4, &geometry);
        put_bytes(&mut self.features, 2, &feature);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.features.is_empty()
    }

    /// The layer as a field of the tile.
    pub(crate) fn encode(&self, name: &str, tile: &mut Vec<u8>) {
        let mut layer = Vec::new();
        put_bytes(&mut layer, 1, name.as_bytes());
        layer.extend(&self.features);
        for key in &self.keys {
            put_bytes(&mut layer, 3, key.as_bytes());
        }
        let mut values: Vec<(&Value, u32)> = self.values.iter().map(|(v, &idx)| (v, idx)).collect();
        values.sort_by_key(|&(_, idx)| idx);
        for (value, _) in values {
            put_bytes(&mut layer, 4, &encoded_value(value));
        }
        put_field(&mut layer, 5, EXTENT);
        put_field(&mut layer, 15, 2);
        put_bytes(tile, 3, &layer);
    }

    fn key(&mut self, key: &'static str) -> u32 {
        let idx = self.keys.iter().position(|k| *k == key).unwrap_or(self.keys.len());
        if idx == self.keys.len() {
            self.keys.push(key);
        }
        u32::try_from(idx).expect("a layer has a handful of keys")
    }

    fn value(&mut self, value: &Value) -> u32 {
        if let Some(&idx) = self.values.get(value) {
            return idx;
        }
        let idx = u32::try_from(self.values.len()).expect("values are numbered by u32");
        self.values.insert(value.clone(), idx);
        idx
    }
}

fn encoded_value(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    match value {
        Value::Text(text) => put_bytes(&mut bytes, 1, text.as_bytes()),
        Value::Flag(flag) => put_field(&mut bytes, 7, u32::from(*flag)),
    }
    bytes
}

const MOVE_TO: u32 = 1;
const LINE_TO: u32 = 2;
const CLOSE_PATH: u32 = 7;

/// The geometry type and the command integers of a shape (clause 4.3).
fn commands(shape: &TileShape) -> (u32, Vec<u32>) {
    let mut pen = Pen::default();
    match shape {
        TileShape::Point(point) => {
            pen.moves(MOVE_TO, &[*point]);
            (1, pen.commands)
        }
        TileShape::Lines(lines) => {
            for line in lines {
                pen.moves(MOVE_TO, &line[..1]);
                pen.moves(LINE_TO, &line[1..]);
            }
            (2, pen.commands)
        }
        TileShape::Polygon(rings) => {
            for ring in rings {
                pen.moves(MOVE_TO, &ring[..1]);
                pen.moves(LINE_TO, &ring[1..]);
                pen.commands.push(command(CLOSE_PATH, 1));
            }
            (3, pen.commands)
        }
    }
}

fn command(id: u32, n: usize) -> u32 {
    let n = u32::try_from(n).expect("a path has fewer than 2^29 points");
    id | (n << 3)
}

#[derive(Default)]
struct Pen {
    at: TilePoint,
    commands: Vec<u32>,
}

impl Pen {
    fn moves(&mut self, id: u32, points: &[TilePoint]) {
        self.commands.push(command(id, points.len()));
        for &point in points {
            self.commands.push(zigzag(point[0] - self.at[0]));
            self.commands.push(zigzag(point[1] - self.at[1]));
            self.at = point;
        }
    }
}

fn zigzag(n: i32) -> u32 {
    ((n << 1) ^ (n >> 31)).cast_unsigned()
}

fn put_varint(bytes: &mut Vec<u8>, mut n: u64) {
    loop {
        let low = u8::try_from(n & 0x7f).expect("seven bits");
        n >>= 7;
        if n == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn put_field(bytes: &mut Vec<u8>, field: u32, n: u32) {
    put_varint(bytes, u64::from(field << 3));
    put_varint(bytes, n.into());
}

fn put_bytes(bytes: &mut Vec<u8>, field: u32, content: &[u8]) {
    put_varint(bytes, u64::from(field << 3 | 2));
    put_varint(bytes, content.len() as u64);
    bytes.extend(content);
}

fn put_packed(bytes: &mut Vec<u8>, field: u32, numbers: &[u32]) {
    let mut packed = Vec::new();
    for &n in numbers {
        put_varint(&mut packed, n.into());
    }
    if !packed.is_empty() {
        put_bytes(bytes, field, &packed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard_are_written_as_it_says() {
        // Clause 4.3.5.
        for (shape, want) in [
            (TileShape::Point([25, 17]), (1, vec![9, 50, 34])),
            (
                TileShape::Lines(vec![vec![[2, 2], [2, 10], [10, 10]], vec![[1, 1], [3, 5]]]),
                (2, vec![9, 4, 4, 18, 0, 16, 16, 0, 9, 17, 17, 10, 4, 8]),
            ),
            (
                TileShape::Polygon(vec![vec![[3, 6], [8, 12], [20, 34]]]),
                (3, vec![9, 6, 12, 18, 10, 12, 24, 44, 15]),
            ),
        ] {
            assert_eq!(commands(&shape), want, "{shape:?}");
        }
    }

    #[test]
    fn equal_keys_and_values_are_written_once() {
        let mut layer = Layer::default();
        for _ in 0..2 {
            layer.add(&TileShape::Point([1, 1]), &[("kind", Value::Text("town".into()))]);
        }
        let mut tile = Vec::new();
        layer.encode("places", &mut tile);
        let count = |text: &[u8]| tile.windows(text.len()).filter(|w| *w == text).count();
        assert_eq!((count(b"kind"), count(b"town"), count(b"places")), (1, 1, 1));
    }
}
