import type { Report } from "./check-definition.ts";
import type { FlowDefinition } from "./definition.ts";
import { resolveArguments } from "./expression.ts";

/** Names are unique and resolve; nothing is declared in vain; arguments can be resolved and read no constants. */
export function checkReferences(
  definition: FlowDefinition,
  knownFunctions: readonly string[] | undefined,
  report: Report,
): void {
  checkNames(definition, report);
  checkTargets(definition, report);
  checkFunctions(definition, knownFunctions, report);
  checkRetries(definition, report);
  checkArguments(definition, report);
}

function checkNames(definition: FlowDefinition, report: Report): void {
  const groups = [
    { what: "state id", path: "states", names: definition.states.map((state) => state.id) },
    { what: "function name", path: "functions", names: definition.functions.map((entry) => entry.name) },
    { what: "retry name", path: "retries", names: definition.retries.map((retry) => retry.name) },
  ];
  for (const { what, path, names } of groups) {
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) === index) continue;
      report({
        level: "error",
        ...(path === "states" ? { state: name } : {}),
        path: `${path}[${index}]`,
        message: `the ${what} "${name}" is used twice`,
        fix: "give each one a name of its own",
      });
    }
  }
}

function checkTargets(definition: FlowDefinition, report: Report): void {
  const ids = definition.states.map((state) => state.id);
  const functions = definition.functions.map((entry) => entry.name);
  const retries = definition.retries.map((retry) => retry.name);
  const resolve = (name: string, known: string[], what: string, path: string, state?: string) => {
    if (known.includes(name)) return;
    report({
      level: "error",
      ...(state === undefined ? {} : { state }),
      path,
      message: `"${name}" is no ${what} of this flow`,
      fix: known.length === 0 ? `add the ${what}` : `use one of: ${known.join(", ")}`,
    });
  };

  resolve(definition.start, ids, "state", "start");
  for (const [at, state] of definition.states.entries()) {
    const path = `states[${at}]`;
    if (state.transition !== "") resolve(state.transition, ids, "state", `${path}.transition`, state.id);
    for (const [index, action] of state.actions.entries()) {
      const name = action.function_ref.ref_name;
      resolve(name, functions, "function", `${path}.actions[${index}].function_ref.ref_name`, state.id);
    }
    for (const [index, entry] of (state.on_errors ?? []).entries()) {
      const inEntry = `${path}.on_errors[${index}]`;
      if (entry.retry_ref) resolve(entry.retry_ref, retries, "retry", `${inEntry}.retry_ref`, state.id);
      if (entry.transition) resolve(entry.transition, ids, "state", `${inEntry}.transition`, state.id);
    }
  }
}

function checkFunctions(
  definition: FlowDefinition,
  known: readonly string[] | undefined,
  report: Report,
): void {
  const called = definition.states.flatMap((state) =>
    state.actions.map((action) => action.function_ref.ref_name),
  );
  for (const [index, { name, operation }] of definition.functions.entries()) {
    const path = `functions[${index}]`;
    if (!called.includes(name)) {
      report({
        level: "warning",
        path,
        message: `the function "${name}" is never called`,
        fix: "call it or remove it",
      });
    }
    if (!operation.startsWith("urn:fss:")) {
      report({
        level: "error",
        path: `${path}.operation`,
        message: `${JSON.stringify(operation)} is not the URN of a function`,
        fix: `write urn:fss:\${region}:\${project_id}:function:default:${name}:\${alias}`,
      });
    }
    if (known !== undefined && !known.includes(name)) {
      report({
        level: "error",
        path: `${path}.name`,
        message: `there is no function "${name}"`,
        fix: `use one of: ${known.join(", ")}`,
      });
    }
  }
}

function checkRetries(definition: FlowDefinition, report: Report): void {
  const used = definition.states.flatMap((state) => (state.on_errors ?? []).map((entry) => entry.retry_ref));
  for (const [index, { name }] of definition.retries.entries()) {
    if (used.includes(name)) continue;
    report({
      level: "warning",
      path: `retries[${index}]`,
      message: `the retry "${name}" is never used`,
      fix: "name it in a retry_ref or remove it",
    });
  }
}

function checkArguments(definition: FlowDefinition, report: Report): void {
  for (const [at, state] of definition.states.entries()) {
    for (const [index, action] of state.actions.entries()) {
      const given = action.function_ref.arguments;
      const path = `states[${at}].actions[${index}].function_ref.arguments`;
      const fault = argumentsFault(given);
      if (fault !== undefined) {
        report({
          level: "error",
          state: state.id,
          path,
          message: `cannot resolve ${fault}`,
          fix: "write a path with at most one default: $.channel | 'ops'",
        });
      }
      if (/\$CONST\b|\$\.constants\b/.test(JSON.stringify(given))) {
        report({
          level: "warning",
          state: state.id,
          path,
          message:
            "the arguments read constants, whose root the documents name in two ways ($CONST, $.constants)",
          fix: "give the value itself, or let the function read it from its environment",
        });
      }
    }
  }
}

function argumentsFault(given: Record<string, unknown>): string | undefined {
  try {
    resolveArguments(given, {}, {});
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
