"use strict";
const { FunctionConfigError, FunctionLoadError, called, failed, prefixes, thrown } = require("./errors.cjs");
const { load } = require("./load.cjs");
const { serialise } = require("./results.cjs");

/** Calls `handler(event, context, callback)`; it must declare 2 or 3 parameters (runtime reference, section 4). */
exports.callHandler = ({ event }, context, answer) => {
  let handler;
  try {
    handler = load(process.env.RUNTIME_HANDLER);
    if (handler.length !== 2 && handler.length !== 3) {
      const message = `handler expect to have 2 or 3 parameters, but received ${handler.length}`;
      throw new FunctionLoadError(message);
    }
  } catch (error) {
    return answer({ code: 4001, body: failed(error, prefixes.entry) });
  }
  let parsed;
  try {
    parsed = JSON.parse(event);
  } catch (error) {
    return answer({ code: 4002, body: error.message });
  }
  settle((callback) => handler(parsed, context, callback), {
    result: (value) => answer(serialise(value)),
    thrown: (error) => answer({ code: 4002, body: thrown(error, prefixes.invocation) }),
    called: (error) => answer({ code: 4001, body: called(error, prefixes.entry) }),
  });
};

/** Calls `initializer(context, callback)`; it must declare exactly 2 parameters, and its value is dropped. */
exports.callInitializer = (_request, context, answer) => {
  let initializer;
  try {
    initializer = load(process.env.RUNTIME_INITIALIZER_HANDLER);
    if (initializer.length !== 2) {
      const message = `initializer expect to have 2 parameters, but received ${initializer.length}`;
      throw new FunctionConfigError(message);
    }
  } catch (error) {
    return answer({ code: 4009, body: failed(error, prefixes.initialization) });
  }
  settle((callback) => initializer(context, callback), {
    result: () => answer({ code: 0, body: "" }),
    thrown: (error) => answer({ code: 4009, body: thrown(error, prefixes.initialization) }),
    called: (error) => answer({ code: 4009, body: called(error, prefixes.initialization) }),
  });
};

/** Only a native Promise or the callback ends a call, whichever is first; anything else leaves it hanging. */
function settle(run, outcomes) {
  let over = false;
  const once = (outcome) => (value) => {
    if (over) return;
    over = true;
    outcome(value);
  };
  const [result, onThrown, onCalled] = [outcomes.result, outcomes.thrown, outcomes.called].map(once);
  const callback = (error = {}, value) => (error ? onCalled(error) : result(value));
  try {
    const returned = run(callback);
    if (returned instanceof Promise) returned.then(result, onThrown);
  } catch (error) {
    onThrown(error);
  }
}
