/** Vector tiles (MVT 2.1) of an invented grid of streets on an island that fills the bounds. */

const EXTENT = 4096;

function varint(value) {
  const bytes = [];
  for (let rest = value >>> 0; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest & 127) | 128);
  }
}
const zigzag = (n) => (n << 1) ^ (n >> 31);
const field = (number, bytes) => [...varint((number << 3) | 2), ...varint(bytes.length), ...bytes];
const text = (words) => [...Buffer.from(words)];

function geometry(points, isPolygon) {
  let at = [0, 0];
  const delta = ([x, y]) => {
    const step = [zigzag(x - at[0]), zigzag(y - at[1])];
    at = [x, y];
    return step;
  };
  const commands = [(1 << 3) | 1, ...delta(points[0]), ((points.length - 1) << 3) | 2];
  for (const point of points.slice(1)) commands.push(...delta(point));
  if (isPolygon) commands.push((1 << 3) | 7);
  return commands.flatMap(varint);
}

function layer(name, features, isPolygon = false) {
  const values = [...new Set(features.flatMap(({ properties }) => Object.values(properties)))];
  const keys = [...new Set(features.flatMap(({ properties }) => Object.keys(properties)))];
  const encoded = features.flatMap(({ points, properties }) => {
    const tags = Object.entries(properties).flatMap(([key, value]) => [keys.indexOf(key), values.indexOf(value)]);
    return field(2, [
      ...field(2, tags.flatMap(varint)),
      ...varint((3 << 3) | 0), isPolygon ? 3 : 2,
      ...field(4, geometry(points, isPolygon)),
    ]);
  });
  return field(3, [
    ...varint((15 << 3) | 0), 2, ...field(1, text(name)), ...encoded,
    ...keys.flatMap((key) => field(3, text(key))),
    ...values.flatMap((value) => field(4, field(1, text(value)))),
    ...varint((5 << 3) | 0), ...varint(EXTENT),
  ]);
}

export function tile(z, x, y, [west, south, east, north]) {
  const side = 2 ** z;
  const column = (lon) => Math.round((((lon + 180) / 360) * side - x) * EXTENT);
  const row = (lat) => {
    const rad = (lat * Math.PI) / 180;
    return Math.round((((1 - Math.asinh(Math.tan(rad)) / Math.PI) / 2) * side - y) * EXTENT);
  };
  const clip = (n) => Math.min(Math.max(n, -64), EXTENT + 64);
  const [left, right] = [clip(column(west)), clip(column(east))];
  const [top, foot] = [clip(row(north)), clip(row(south))];
  if (left >= right || top >= foot) return null;
  const roads = [];
  for (let k = 0; k <= 60; k += 1) {
    const properties = { class: k % 12 === 0 ? 'primary' : k % 4 === 0 ? 'tertiary' : 'residential', name: `Triq ${k}` };
    if (z < 12 && k % 4 !== 0) continue;
    const across = column(west + ((east - west) * k) / 60);
    const along = row(south + ((north - south) * k) / 60);
    if (across >= 0 && across <= EXTENT) roads.push({ points: [[across, top], [across, foot]], properties });
    if (along >= 0 && along <= EXTENT) roads.push({ points: [[left, along], [right, along]], properties });
  }
  const land = [{ points: [[left, top], [right, top], [right, foot], [left, foot]], properties: { kind: 'land' } }];
  return Buffer.from([...layer('land', land, true), ...layer('roads', roads)]);
}
