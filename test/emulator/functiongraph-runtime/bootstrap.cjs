"use strict";
/**
 * What runs inside the emulated instance: loads the function when it is first needed, calls it, answers the host.
 * fd 3 brings requests, fd 4 takes log lines and answers, each one line of JSON; fd 1 and 2 are left to the function.
 */
const { Socket } = require("node:net");
const { send } = require("./channel.cjs");
const { createContext } = require("./context.cjs");
const { callHandler, callInitializer } = require("./call.cjs");
const { redirectOutput } = require("./logger.cjs");

let lastRequestId = "";
redirectOutput(() => lastRequestId);

const kinds = { initialize: callInitializer, invoke: callHandler };
const requests = new Socket({ fd: 3, readable: true, writable: false });
requests.setEncoding("utf8");
let unread = [];
requests.on("data", (chunk) => {
  const [first, ...rest] = chunk.split("\n");
  unread.push(first);
  for (const part of rest) {
    answer(JSON.parse(unread.join("")));
    unread = [part];
  }
});
requests.on("end", () => process.exit());
send({ type: "ready" });

function answer(request) {
  lastRequestId = request.requestId;
  const context = createContext(request);
  kinds[request.kind](request, context, ({ code, body }) => {
    if (code !== 0) {
      send({ type: "log", requestId: request.requestId, level: "ERROR", text: body.replace(/\n */g, "") });
    }
    send({ type: "answer", id: request.id, code, body });
  });
}
