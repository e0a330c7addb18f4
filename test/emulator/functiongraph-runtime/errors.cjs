"use strict";
/** The error bodies of the runtime reference's section 6. */

class FunctionLoadError extends Error {
  name = "FunctionLoadError";
}

class FunctionConfigError extends Error {
  name = "FunctionConfigError";
}

exports.FunctionLoadError = FunctionLoadError;
exports.FunctionConfigError = FunctionConfigError;

exports.prefixes = {
  entry: "function entry exception, error: ",
  invocation: "function invocation exception, error: ",
  initialization: "function initialization exception, error: ",
  result: "function result is invalid, error: ",
};

/** The body for what never came to run, and for an error handed to the callback: no stack. */
const failed = (error, prefix) => JSON.stringify(describe(error, prefix));
exports.failed = failed;

/** The body for a throw or a rejection: its own frames only, the code root shown as a dot. */
exports.thrown = (error, prefix) =>
  JSON.stringify({ ...describe(error, prefix), stackTrace: stackTrace(error) }, null, 4);

/** The body for `callback(error)`: a string stands for itself, an object that is no Error keeps its own members. */
exports.called = (error, prefix) => {
  if (error instanceof Error) return failed(error, prefix);
  if (typeof error !== "object") return String(error);
  return JSON.stringify({ ...error, message: `${prefix}${error.message}` });
};

function describe(error, prefix) {
  if (error instanceof Error) return { errorMessage: prefix + error.message, errorType: error.name };
  return { errorMessage: prefix + String(error), errorType: "UserFunctionError" };
}

function stackTrace(error) {
  if (!(error instanceof Error)) return [];
  const root = process.env.RUNTIME_CODE_ROOT;
  return String(error.stack)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("at ") && line.includes(root))
    .map((line) => line.replaceAll(root, "."));
}
