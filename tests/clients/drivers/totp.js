// One-time passwords as in RFC 6238 with its usual choices: SHA-1, 30 seconds, six digits. Written here anew, so that
// the program's own codes are checked against another reading of the same text.
"use strict";

const crypto = require("node:crypto");

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const STEP_MILLISECONDS = 30_000;

// The bytes that base 32 text stands for.
function decode(text) {
  const bits = [...text.replace(/[\s=]/g, "").toUpperCase()]
    .map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, "0"))
    .join("");
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => parseInt(byte, 2)));
}

// The code for a moment, now unless another is given.
function code(secret, atMilliseconds = Date.now()) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(atMilliseconds / STEP_MILLISECONDS)));
  const mac = crypto.createHmac("sha1", decode(secret)).update(counter).digest();
  const offset = mac[mac.length - 1] & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, "0");
}

module.exports = { code };
