/** The server's half of WebSocket (RFC 6455) for short text messages: enough for a mock. */
import { createHash } from 'node:crypto';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export function acceptSocket(request, socket, onText) {
  const key = createHash('sha1').update(request.headers['sec-websocket-key'] + GUID).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
  );
  let rest = Buffer.alloc(0);
  socket.on('data', (data) => {
    rest = Buffer.concat([rest, data]);
    for (let frame = readFrame(rest); frame; frame = readFrame(rest)) {
      rest = rest.subarray(frame.length);
      if (frame.opcode === 8) return socket.end();
      if (frame.opcode === 1) onText(frame.text);
    }
  });
  socket.on('error', () => socket.destroy());
  return (text) => {
    if (socket.writable) socket.write(writeFrame(text));
  };
}

function readFrame(bytes) {
  if (bytes.length < 6) return null;
  const short = bytes[1] & 127;
  const head = short === 126 ? 8 : 6;
  const size = short === 126 ? bytes.readUInt16BE(2) : short;
  if (bytes.length < head + size) return null;
  const mask = bytes.subarray(head - 4, head);
  const body = bytes.subarray(head, head + size).map((byte, idx) => byte ^ mask[idx % 4]);
  return { opcode: bytes[0] & 15, text: Buffer.from(body).toString(), length: head + size };
}

function writeFrame(text) {
  const body = Buffer.from(text);
  const head = body.length < 126 ? Buffer.from([129, body.length]) : Buffer.alloc(body.length < 65536 ? 4 : 10);
  if (body.length >= 126) {
    head[0] = 129;
    head[1] = body.length < 65536 ? 126 : 127;
    if (head.length === 4) head.writeUInt16BE(body.length, 2);
    else head.writeBigUInt64BE(BigInt(body.length), 2);
  }
  return Buffer.concat([head, body]);
}
