// A web application that a person signs in to, beside the questions of a test: what answers the first call is that it
// listens.
"use strict";

const { createServer } = require("node:http");

// Serves on a port of loopback, where a test finds it.
function listen(answerRequest, port) {
  return new Promise((resolve, reject) => {
    const server = createServer(answerRequest);
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve({ status: 200, headers: {}, data: { port } }));
  });
}

module.exports = { listen };
