// Prints the one-time password of this moment for the secret on standard input.
"use strict";

const { readFileSync } = require("node:fs");
const { code } = require("./totp.js");

process.stdout.write(`${code(readFileSync(0, "utf8").trim())}\n`);
