"use strict";
const { format } = require("node:util");
const { send } = require("./channel.cjs");

const LEVELS = ["DEBUG", "INFO", "WARN", "ERROR"];
/** Longer lines are split (runtime reference, section 7.1). */
const LONGEST_LINE = 90 * 1024;

/** The logger of one context: printf-style, from INFO on unless `setLevel` says otherwise. */
exports.createLogger = (requestId) => {
  let least = LEVELS.indexOf("INFO");
  const at =
    (level) =>
    (...parts) => {
      if (LEVELS.indexOf(level) >= least) log(requestId, level, format(...parts));
    };
  return {
    debug: at("DEBUG"),
    info: at("INFO"),
    warn: at("WARN"),
    error: at("ERROR"),
    setLevel: (level) => {
      if (LEVELS.includes(level)) least = LEVELS.indexOf(level);
    },
  };
};

/**
 * Turns what is written to stdout and stderr into log lines of the request that started last. As on the platform a
 * write answers nothing, calls nobody back and shows a Buffer as `<Buffer …>` (runtime reference, section 10).
 */
exports.redirectOutput = (requestId) => {
  process.stdout.write = (chunk) => {
    log(requestId(), "INFO", format(chunk).replace(/\n$/, ""));
  };
  process.stderr.write = (chunk) => {
    log(requestId(), "ERROR", format(chunk).replace(/\n$/, ""));
  };
};

function log(requestId, level, text) {
  for (let start = 0; start === 0 || start < text.length; start += LONGEST_LINE) {
    send({ type: "log", requestId, level, text: text.slice(start, start + LONGEST_LINE) });
  }
}
