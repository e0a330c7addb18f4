"use strict";
const { join } = require("node:path");
const { FunctionConfigError, FunctionLoadError } = require("./errors.cjs");

/**
 * The function that `file.function` names. A load that fails is not remembered, so it is tried, and fails, at each
 * call (runtime reference, section 3.1). An entry that is an ES module counts as not found (section 3.2).
 */
exports.load = (entry) => {
  const dot = entry.lastIndexOf(".");
  if (dot < 1) throw new FunctionConfigError(`'${entry}' is not of the form file.function`);
  const [file, name] = [`${entry.slice(0, dot)}.js`, entry.slice(dot + 1)];
  const found = requireEntry(file)[name];
  if (typeof found !== "function") throw new FunctionLoadError(`not found function '${name}' in './${file}'`);
  return found;
};

function requireEntry(file) {
  const path = join(process.env.RUNTIME_CODE_ROOT, file);
  try {
    require.resolve(path);
  } catch {
    throw new FunctionLoadError(`not found module './${file}'`);
  }
  try {
    return require(path);
  } catch (error) {
    if (error?.code === "ERR_REQUIRE_ESM") throw new FunctionLoadError(`not found module './${file}'`);
    throw error;
  }
}
