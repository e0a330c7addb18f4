"use strict";
const { writeSync } = require("node:fs");

/** Writes one line to the host, at once: nothing is lost when the process crashes right after. */
exports.send = (message) => {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(4, bytes, written);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
};
