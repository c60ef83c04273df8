// A client as a child process that answers questions: one JSON document in on a line, one out. The tests hold the
// script and the assertions; what stands here only hands calls to the client, unchanged, and reports what came back.
"use strict";

const readline = require("node:readline");
const { pathToFileURL } = require("node:url");

// Modules of the newer kind are not found through NODE_PATH, but what they are in is.
const load = (name, from = require) => import(pathToFileURL(from.resolve(name)));

// A log of a library that nobody reads.
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

// Reads the first line as the setting of the client, makes it, then answers every further line.
async function serve(make) {
  const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const setting = JSON.parse((await lines.next()).value);
  const carryOut = make(setting);
  for (;;) {
    const { value, done } = await lines.next();
    if (done) {
      return;
    }
    process.stdout.write(`${JSON.stringify(await report(carryOut, JSON.parse(value)))}\n`);
  }
}

// What a call came to. Clients throw for a status of 400 and above; the answer is on the error then.
async function report(carryOut, call) {
  try {
    return await carryOut(call);
  } catch (error) {
    if (error.status === undefined) {
      return { broke: String(error.stack) };
    }
    return {
      status: error.status,
      headers: error.headers ?? {},
      message: error.message,
      errors: error.response?.data?.errors ?? null,
    };
  }
}

// The parts of an answer that a test can look at.
function answer(response) {
  return { status: response.status, headers: response.headers, data: response.data ?? null };
}

// Warnings of the libraries about their own age are for their users, not for a test.
console.warn = () => {};

module.exports = { answer, load, quiet, serve };
