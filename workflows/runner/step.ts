import type { FlowDefinition } from "../definition.ts";
import { takeFailure, takeResult } from "./action-results.ts";
import type { RunState, StepEvent, StepOutcome } from "./flow-state.ts";
import { filterData } from "./state-data.ts";
import { StepCourse } from "./step-course.ts";

/**
 * One step of an execution: pure, no I/O, so the same code runs under the journal, in a function invocation and in
 * simulation. An event that does not fit the state (a late result, anything after the end) changes nothing.
 * `state` is undefined only for `start`; `now` is ms since 1970.
 */
export function step(
  definition: FlowDefinition,
  state: RunState | undefined,
  event: StepEvent,
  now: number,
): StepOutcome {
  const course = new StepCourse(definition, now);
  if (!state) {
    if (event.type !== "start") throw new TypeError(`An execution begins with start, not ${event.type}.`);
    course.record({ type: "start", stateId: definition.start, attempt: 1, data: event.input });
    return course.enter(definition.start, event.input);
  }
  if (event.type === "redrive")
    return state.status === "running" ? unchanged(state) : redrive(course, state, event);
  if (state.status !== "running") return unchanged(state);
  switch (event.type) {
    case "result":
      return takeResult(course, state, event.action, { output: event.output }) ?? unchanged(state);
    case "failed":
      return takeFailure(course, state, event) ?? unchanged(state);
    case "wake":
      return wake(course, state);
    case "resume":
      return resume(course, state);
    case "cancel": {
      const error = { code: "Cancelled", message: event.reason ?? "Cancelled on request." };
      course.record({ type: "cancel", stateId: state.stateId, attempt: state.attempt, data: error });
      return course.stop(state, "cancel", error);
    }
    case "deadline": {
      const error = {
        code: "DeadlinePassed",
        message: `The deadline passed in state "${state.stateId}" (try ${state.attempt}).`,
      };
      course.record({ type: "deadline", stateId: state.stateId, attempt: state.attempt, data: error });
      return course.stop(state, "timeout", error);
    }
    default:
      return unchanged(state);
  }
}

function unchanged(state: RunState): StepOutcome {
  return { state, commands: [], records: [] };
}

function redrive(course: StepCourse, state: RunState, event: { input?: unknown }): StepOutcome {
  const { error: _, waiting: __, wakeAt: ___, retries: ____, ...kept } = state;
  const again: RunState = { ...kept, status: "running", attempt: 1 };
  if ("input" in event) {
    again.data = event.input;
    delete again.results;
  }
  course.record({
    type: "redrive",
    stateId: state.stateId,
    attempt: 1,
    ...("input" in event ? { data: event.input } : {}),
  });
  const target = course.find(state.stateId);
  return target ? course.begin(target, again) : course.enter(state.stateId, again.data);
}

function wake(course: StepCourse, state: RunState): StepOutcome {
  const target = course.find(state.stateId);
  if (!state.waiting || !target) return unchanged(state);
  const { waiting, wakeAt: _, ...awake } = state;
  if (waiting === "retry") return course.begin(target, awake);
  course.record({ type: "wake", stateId: state.stateId, attempt: state.attempt });
  return course.leave(target, awake, filterData(target, "input", state.data), target.transition);
}

function resume(course: StepCourse, state: RunState): StepOutcome {
  const target = course.find(state.stateId);
  if (!target) return course.enter(state.stateId, state.data);
  if (state.waiting) return course.outcome(state, [{ type: "sleep", until: state.wakeAt ?? course.now }]);
  return course.begin(target, state);
}
