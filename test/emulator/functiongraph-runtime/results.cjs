"use strict";
const { failed, prefixes } = require("./errors.cjs");

/** A handler's value as the body of its answer (runtime reference, section 5). */
exports.serialise = (value) => {
  let body;
  try {
    body = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  } catch (error) {
    return { code: 4007, body: failed(error, prefixes.result) };
  }
  const [size, limit] = [Buffer.byteLength(body), Number(process.env.RUNTIME_MAX_RESP_BODY_SIZE)];
  if (size > limit) {
    return { code: 4004, body: `response body size ${size} exceeds the limit of ${limit}` };
  }
  return { code: 0, body };
};
