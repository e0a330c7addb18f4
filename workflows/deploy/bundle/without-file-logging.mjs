/**
 * Leaves out of a function's bundle what pino needs to write to files and through worker threads. FunctionGraph would
 * not collect such lines, so the functions have no use for these, and each would cost load time. Whatever uses them
 * after all is told so.
 */
export const withoutFileLogging = {
  name: "without-file-logging",
  setup(build) {
    build.onResolve({ filter: /^(sonic-boom|thread-stream)$/ }, ({ path }) => ({
      path,
      namespace: "left-out",
    }));
    build.onResolve({ filter: /^\.\/(lib\/)?(transport|multistream)$/ }, ({ path, importer }) =>
      /[/\\]node_modules[/\\]pino[/\\]/.test(importer) ? { path, namespace: "left-out" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "left-out" }, () => ({
      contents:
        'module.exports = function () { throw new Error("A function logs through process.stdout.write."); };',
    }));
  },
};
