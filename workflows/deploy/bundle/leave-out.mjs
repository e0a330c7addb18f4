/**
 * What a function's bundle does without, since each part would cost load time at every cold start: pino's ways to write
 * to files and through worker threads, whose lines FunctionGraph would not collect, and what middy needs for streamed
 * answers, which FunctionGraph does not have. Whatever uses them after all is told so.
 */
export const leaveOut = {
  name: "leave-out",
  setup(build) {
    for (const { from, modules, contents } of parts) {
      const importers = new RegExp(`[/\\\\]node_modules[/\\\\]${from}[/\\\\]`);
      build.onResolve({ filter: modules }, ({ path, importer }) =>
        importers.test(importer) ? { path, namespace: "left-out", pluginData: contents } : undefined,
      );
    }
    build.onLoad({ filter: /.*/, namespace: "left-out" }, ({ pluginData }) => ({ contents: pluginData }));
  },
};

const notHere = (why) => `module.exports = function () { throw new Error(${JSON.stringify(why)}); };`;

const parts = [
  {
    from: "pino",
    modules: /^(sonic-boom|thread-stream|\.\/transport|\.\/lib\/transport|\.\/lib\/multistream)$/,
    contents: notHere("A function logs through process.stdout.write."),
  },
  { from: "pino", modules: /^worker_threads$/, contents: "module.exports = { isMainThread: true };" },
  {
    from: "@middy[/\\\\]core",
    modules: /^node:stream(\/promises|\/web)?$/,
    contents: "export const Readable = undefined, ReadableStream = undefined, pipeline = undefined;",
  },
];
